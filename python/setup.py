"""The wheel's tag: any Python 3 runs it, but the binary in it is of one platform."""

import pathlib

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel

HAS_BINARY = (pathlib.Path(__file__).parent / "src/modconvert/bin/modconvert").exists()


class PlatformDistribution(Distribution):
    def has_ext_modules(self) -> bool:
        return HAS_BINARY


class PlatformWheel(bdist_wheel):
    def get_tag(self) -> tuple:
        return ("py3", "none", super().get_tag()[2])


setup(distclass=PlatformDistribution, cmdclass={"bdist_wheel": PlatformWheel})
