"""A program with a key that speaks to the API."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.api.speaking import Api
from webapp.services.accounts import api_keys


@pytest.fixture
def key(app: Flask) -> str:
    return api_keys.create("Booking site")


@pytest.fixture
def api(client: FlaskClient, key: str) -> Api:
    return Api(client, key)
