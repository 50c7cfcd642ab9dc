"""`python -m bench.peer_bots LIBRARY API_URL TOKEN`: runs a minimal bot of a library, with
its defaults. It answers /help as HN Pal does, and repeats every other message.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable

from app.wording import text

HELP = text("help.text", "en")


def python_telegram_bot(api_url: str, token: str) -> None:
    """Handles updates one by one; confirms them once they are in memory."""
    from telegram import Update
    from telegram.ext import (
        Application,
        CommandHandler,
        ContextTypes,
        MessageHandler,
        filters,
    )

    async def tell_help(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.effective_message is not None
        await update.effective_message.reply_html(HELP)

    async def echo(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.effective_message is not None
        await update.effective_message.reply_text(update.effective_message.text or "")

    application = Application.builder().token(token).base_url(f"{api_url}/bot").build()
    application.add_handler(CommandHandler("help", tell_help))
    application.add_handler(MessageHandler(filters.TEXT, echo))
    application.run_polling()


def aiogram(api_url: str, token: str) -> None:
    """Starts a task for each update; confirms updates once they are in memory."""
    from aiogram import Bot, Dispatcher
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.filters import Command
    from aiogram.types import Message

    dispatcher = Dispatcher()

    @dispatcher.message(Command("help"))
    async def tell_help(message: Message) -> None:
        await message.answer(HELP, parse_mode="HTML")

    @dispatcher.message()
    async def echo(message: Message) -> None:
        await message.answer(message.text or "")

    async def poll() -> None:
        session = AiohttpSession(api=TelegramAPIServer.from_base(api_url))
        await dispatcher.start_polling(Bot(token, session=session))

    asyncio.run(poll())


LIBRARIES: dict[str, Callable[[str, str], None]] = {
    "python-telegram-bot": python_telegram_bot,
    "aiogram": aiogram,
}

if __name__ == "__main__":
    LIBRARIES[sys.argv[1]](*sys.argv[2:])
