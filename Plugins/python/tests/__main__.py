"""Runs the tests and says in the last line how many passed, failed and were skipped."""

import logging
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))


class CountingResult(unittest.TextTestResult):
    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1


if __name__ == "__main__":
    # What clients log while brokers are killed under them is not the tests' output; assertLogs sees it all the same.
    logging.getLogger("casus").setLevel(logging.CRITICAL + 1)
    names = sys.argv[1:]
    loader = unittest.defaultTestLoader
    suite = loader.loadTestsFromNames([f"tests.{name}" for name in names]) if names else loader.discover(
        str(HERE), top_level_dir=str(HERE.parent))
    result = unittest.TextTestRunner(stream=sys.stderr, resultclass=CountingResult).run(suite)
    sys.stderr.flush()
    for test, reason in result.skipped:
        print(f"skipped: {test}: {reason}")
    failed = len(result.failures) + len(result.errors)
    print(f"{result.passed} passed, {failed} failed, {len(result.skipped)} skipped", flush=True)
    sys.exit(1 if failed or not result.testsRun else 0)
