"""Starts the emulator (ministack), with the three things Tandem needs and it lacks.

1. A function's thrown error keeps its name. Without this every error is called Runtime.HandlerError, so Retry and
   Catch by error name in a state machine never match here, though they do on AWS.
2. SNS can be asked whether the holder of a phone number has said STOP. Exactly one number has: see OPTED_OUT.
3. With --until-stdin-closes it ends when the process that started it does, however that process ends.

Everything else is configured by environment variables: see start.ts beside this file.
"""

import os
import shutil
import signal
import sys
import threading
import time
from urllib.parse import parse_qs

from ministack.app import main
from ministack.core import lambda_runtime
from ministack.services import lambda_svc, sns

UNNAMED = "Runtime.HandlerError"
TRACE = 'trace: err.stack || ""'
SECONDS_TO_STOP = 5
OPTED_OUT = "+12025550199"


class NamedMessage(str):
    """An error's message that remembers the error's name on its way through the emulator's own code."""

    name: str


def keep_error_names() -> None:
    source = lambda_runtime._NODEJS_WORKER_SCRIPT
    assert source.count(TRACE) == 1, "ministack changed: check keep_error_names against its Node.js worker"
    lambda_runtime._NODEJS_WORKER_SCRIPT = source.replace(TRACE, TRACE + ", name: err.name")

    invoke = lambda_runtime.Worker.invoke
    execute = lambda_svc._execute_function_warm

    def invoke_with_name(worker, *args, **kwargs):
        answer = invoke(worker, *args, **kwargs)
        if answer.get("status") == "error" and answer.get("name"):
            answer["error"] = NamedMessage(answer["error"])
            answer["error"].name = str(answer["name"])
        return answer

    def execute_with_name(*args, **kwargs):
        result = execute(*args, **kwargs)
        body = result.get("body")
        if result.get("error") and isinstance(body, dict) and body.get("errorType") == UNNAMED:
            body["errorType"] = getattr(body.get("errorMessage"), "name", UNNAMED)
        return result

    lambda_runtime.Worker.invoke = invoke_with_name
    lambda_svc._execute_function_warm = execute_with_name


def answer_who_opted_out() -> None:
    handle = sns.handle_request

    async def handle_with_opt_outs(method, path, headers, body, query_params):
        asked = {**query_params, **parse_qs(body.decode("utf-8", errors="replace"))}
        if asked.get("Action") != ["CheckIfPhoneNumberIsOptedOut"]:
            return await handle(method, path, headers, body, query_params)
        answer = "true" if asked.get("phoneNumber") == [OPTED_OUT] else "false"
        name = "CheckIfPhoneNumberIsOptedOut"
        return sns._xml(200, f"{name}Response", f"<{name}Result><isOptedOut>{answer}</isOptedOut></{name}Result>")

    sns.handle_request = handle_with_opt_outs


def stop_when_stdin_closes() -> None:
    def wait() -> None:
        while os.read(0, 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(SECONDS_TO_STOP)
        shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=wait, daemon=True).start()


if __name__ == "__main__":
    keep_error_names()
    answer_who_opted_out()
    if "--until-stdin-closes" in sys.argv:
        sys.argv.remove("--until-stdin-closes")
        stop_when_stdin_closes()
    try:
        main()
    finally:
        # The emulator leaves the unpacked functions behind; start.ts gives it a TMPDIR of its own.
        if "TMPDIR" in os.environ:
            shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)
