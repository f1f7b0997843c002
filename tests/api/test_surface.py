"""What a frontend developer does from the first day: write, read back, page, filter."""

from typing import Any

from tests.api.conftest import Client
