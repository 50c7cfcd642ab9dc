"""`python -m bench.baseline_bot API_URL TOKEN`: a bot as python-telegram-bot makes it by
default.
"""

from __future__ import annotations

import sys
from typing import Any

from telegram import Update
from telegram.ext import Application, CommandHandler, ContextTypes

from app.wording import text


async def _help(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.effective_message is not None
    await update.effective_message.reply_html(text("help.text", "en"))


def main() -> None:
    api_url, token = sys.argv[1:]
    application: Any = Application.builder().token(token).base_url(f"{api_url}/bot").build()
    application.add_handler(CommandHandler("help", _help))
    application.run_polling()


if __name__ == "__main__":
    main()
