"""Runs a scenario: an object whose methods test_… are its steps, in the order in which they are written."""

import signal
import sys
import traceback


def run_steps(scenario, close=lambda: None, tail=lambda: "", chosen=()) -> int:
    """Takes every step, whatever becomes of the others; a line for each, "N passed, N failed", the exit code.

    close  ends what the scenario started; called whatever happens, SIGTERM included. A number other than 0 is a failure
    tail   what to show below a failure, such as the end of a node's log
    chosen words: only steps whose title has one of them
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    passed = failed = 0

    def fail(title: str, why: str) -> None:
        nonlocal failed
        failed += 1
        print(f"FAILED  {title}\n{why}{tail()}", flush=True)

    try:
        for name in [name for name in vars(type(scenario)) if name.startswith("test_")]:
            title = name.removeprefix("test_").replace("_", " ")
            if chosen and not any(word in title for word in chosen):
                continue
            try:
                getattr(scenario, name)()
                passed += 1
                print(f"ok      {title}", flush=True)
            except Exception as error:
                detail = f"{error}\n" if isinstance(error, AssertionError) and str(error) else traceback.format_exc()
                fail(title, detail)
    finally:
        code = close()
    if code:
        fail("stopping", f"it ended with {code}\n")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0
