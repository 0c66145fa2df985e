"""One running demo for the acceptance tests of a worker."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from bot.demo.run import demo_runtime, demo_service
from bot.manifest import manifest
from bot.runtime import Runtime
from bot.service import Service
from sandbox.client import PATIENCE_S
from sandbox.server import Sandbox


@dataclass(frozen=True)
class Demo:
    """The running demo."""

    sandbox: Sandbox
    runtime: Runtime
    service: Service


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with Sandbox(manifest(), deadline_s=PATIENCE_S) as sandbox:
        runtime = demo_runtime(sandbox, tmp_path_factory.mktemp("demo"))
        with demo_service(runtime, sandbox) as service:
            yield Demo(sandbox, runtime, service)
