"""Prints changes, failures and messages only.

On a terminal, the current task is shown in a line that the next one overwrites.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ansible.playbook.task_include import TaskInclude
from ansible.plugins.callback.default import CallbackModule as DefaultCallback

if TYPE_CHECKING:
    from ansible.executor.task_result import CallbackTaskResult
    from ansible.playbook.included_file import IncludedFile
    from ansible.playbook.task import Task

DOCUMENTATION = """
    name: concise
    type: stdout
    short_description: the default output, with debug messages as plain text and live progress
    description:
        - Made for C(display_ok_hosts=false), under which the default callback also hides what
          debug tasks have to say, and shows no sign of life during a long task.
    extends_documentation_fragment:
        - default_callback
        - result_format_callback
    requirements:
        - set as stdout in configuration
"""

ERASE_LINE = "\r\033[K"
MESSAGE_ACTIONS = {"debug", "ansible.builtin.debug"}


class CallbackModule(DefaultCallback):
    CALLBACK_NAME = "concise"

    def _task_start(self, task: Task, prefix: str | None = None) -> None:
        super()._task_start(task, prefix)
        if sys.stdout.isatty() and not self._display.verbosity:
            columns = 100
            sys.stdout.write(f"{ERASE_LINE}  … {task.get_name()[:columns]}")
            sys.stdout.flush()

    def _erase_progress(self) -> None:
        if sys.stdout.isatty():
            sys.stdout.write(ERASE_LINE)
            sys.stdout.flush()

    def _print_task_banner(self, task: Task) -> None:
        self._erase_progress()
        super()._print_task_banner(task)

    def v2_runner_on_ok(self, result: CallbackTaskResult) -> None:
        if isinstance(result.task, TaskInclude):
            return
        if result.task.action in MESSAGE_ACTIONS and "msg" in result.result:
            self._erase_progress()
            message = result.result["msg"]
            lines = message if isinstance(message, list) else [message]
            self._display.display("\n".join(str(line) for line in lines))
            return
        # The default callback shows the warnings of changed tasks only.
        if not result.result.get("changed"):
            self._erase_progress()
            self._handle_warnings(result.result)
        super().v2_runner_on_ok(result)

    def v2_playbook_on_include(self, included_file: IncludedFile) -> None:
        """Print nothing: operators do not need the names of task files."""

    def v2_runner_retry(self, result: CallbackTaskResult) -> None:
        if self._display.verbosity:
            super().v2_runner_retry(result)

    def v2_playbook_on_stats(self, stats: object) -> None:
        self._erase_progress()
        super().v2_playbook_on_stats(stats)
