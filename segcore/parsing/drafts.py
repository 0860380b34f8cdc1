"""What could be read of a config where something is wrong with it."""

from types import MappingProxyType
from typing import Any

from attrs import field, frozen

from segcore.config import ExperimentConfig, Stage
from segcore.errors import Finding
from segcore.values import Call

# What stands for a required key that could not be read; a check that needs the key is not made.
ROOT_PLACEHOLDERS: MappingProxyType[str, Any] = MappingProxyType(
    {"architecture": Call("Unet"), "backbone": "resnet18", "shape": (32, 32, 3)}
)
# A stage that trains, so that no check takes it for one that is skipped.
STAGE_PLACEHOLDERS: MappingProxyType[str, Any] = MappingProxyType({"epochs": 1})


@frozen
class StageDraft:
    """A stage with the names of the fields that could not be read, placeholders or defaults in their place."""

    stage: Stage = field(factory=lambda: Stage(**STAGE_PLACEHOLDERS))
    bad: frozenset[str] = frozenset()
    findings: tuple[Finding, ...] = ()


@frozen
class Draft:
    """A config with the names of the fields that could not be read, at the top level and in each stage."""

    config: ExperimentConfig
    bad: frozenset[str] = frozenset()
    bad_in_stages: tuple[frozenset[str], ...] = ()
    findings: tuple[Finding, ...] = ()

    def bad_in(self, stage: int, replaced: frozenset[str]) -> frozenset[str]:
        """Return the fields that cannot be judged in a stage: its own, and the root's that it does not replace."""
        own = self.bad_in_stages[stage] if stage < len(self.bad_in_stages) else frozenset()
        return own | (self.bad - replaced)
