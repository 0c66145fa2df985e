"""The guide for several replicas says what the program takes."""

import re
from pathlib import Path

import yaml

from bot.settings import Settings

GUIDE = Path(__file__).parents[2] / "docs" / "operate"
NAMES = {str(field.validation_alias) for field in Settings.model_fields.values()}


def test_the_compose_file_starts_two_replicas_that_share_the_work() -> None:
    services = yaml.safe_load((GUIDE / "compose.yaml").read_text())["services"]
    replicas = [services["one"], services["two"]]
    for each in replicas:
        assert each["environment"]["TIERWISE_DISPATCHER"] == "fleet"
        assert each["environment"].keys() <= NAMES
        assert each["ports"][0].startswith("127.0.0.1:")
    assert services["migrate"]["command"] == "tierwise migrate"
    assert all(
        Path(GUIDE / each["build"]["context"]).resolve() == GUIDE.parents[1] for each in replicas
    )


def test_every_setting_that_the_guide_names_exists() -> None:
    named = set()
    for page in GUIDE.iterdir():
        named |= set(re.findall(r"\b(?:TIERWISE|SLACK)_[A-Z_]+", page.read_text()))
    assert named <= NAMES


def test_what_the_image_is_made_of_is_there() -> None:
    lines = (GUIDE / "Dockerfile").read_text().splitlines()
    sources = [word for line in lines if line.startswith("COPY") for word in line.split()[1:-1]]
    assert sources
    assert all((GUIDE.parents[1] / each).exists() for each in sources)
    assert [line for line in lines if line.startswith("FROM")] == ["FROM python:3.11-slim"]
