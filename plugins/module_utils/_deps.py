# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Optional imports: declared where they are used, checked once, one clear message when one is missing."""

from __future__ import annotations

import contextlib
import typing as t

from ._errors import MissingDependencyError


class Dependency:
    """A Python library that may be absent on the host.

    :param name: the import name.
    :param package: the distribution packages that bring it, for the message.
    """

    def __init__(self, name: str, package: str) -> None:
        self.name = name
        self.package = package
        self.error: ImportError | None = None

    @contextlib.contextmanager
    def importing(self) -> t.Iterator[None]:
        """Remember, instead of raising, that the import in the body failed."""
        try:
            yield
        except ImportError as exc:
            self.error = exc

    def require(self) -> None:
        """Raise MissingDependencyError if the import failed."""
        if self.error is not None:
            raise MissingDependencyError(
                f"the Python library '{self.name}' cannot be imported on this host: {self.error}.",
                hint=f"Install {self.package} (the role evergreen.virt.install does), and let"
                " ansible_python_interpreter be the distribution's own /usr/bin/python3.",
                library=self.name,
            ) from self.error
