# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWX's API refuses, written after its own validations (awx/api/serializers.py, awx/api/views, awx/main/models). Pure.

Each rule returns the answer that comes with status 400, empty if there is nothing to refuse: `{field: [sentence]}`.
"""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import jsonschema
import yaml

Item = t.Mapping[str, t.Any]
Problems = dict[str, list[str]]
Find = t.Callable[[str, t.Any], t.Optional[Item]]
"""Returns the object of a collection with an id, None if there is none."""

SCHEMA: dict[str, dict[str, t.Any]] = yaml.safe_load((Path(__file__).parent / "schema.yml").read_text(encoding="utf-8"))
# awx/main/notifications: what the configuration of each type must hold, those without a default.
NOTIFICATIONS: dict[str, dict[str, type]] = {
    "webhook": {"url": str, "headers": dict},
    "email": {
        "host": str,
        "port": int,
        "username": str,
        "password": str,
        "sender": str,
        "use_tls": bool,
        "use_ssl": bool,
        "recipients": list,
    },
    "slack": {"token": str, "channels": list},
}
SURVEY_TYPES: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "textarea": (str,),
    "password": (str,),
    "multiplechoice": (str, list),
    "multiselect": (str, list),
    "integer": (int,),
    "float": (float, int),
}


def problems(kind: str, given: Item, whole: Item, find: Find) -> Problems:
    """Return what AWX says to a POST or PATCH.

    :param given: the fields of the request.
    :param whole: the object as it would be.
    """
    schema = SCHEMA[kind]
    known = {*schema["fields"], *schema.get("refs", {}), "type"}
    found: Problems = {name: ["AWX has no such field."] for name in given if name not in known}
    found |= {name: ["This field is required."] for name in schema["required"] if whole.get(name) in (None, "")}
    for name, value in given.items():
        if name in schema["fields"]:
            wrong = [
                error.message for error in jsonschema.Draft202012Validator(schema["fields"][name]).iter_errors(value)
            ]
            found |= {name: wrong} if wrong else {}
        elif value is not None and name in schema.get("refs", {}) and find(schema["refs"][name], value) is None:
            found[name] = [f'Invalid pk "{value}" - object does not exist.']
    return found or RULES.get(kind, _nothing)(whole, find) or (_prompts(kind, given, whole, find))


def survey(spec: t.Any) -> str:
    """Return why a survey is refused, empty if it is not (JobTemplateSurveySpec)."""
    for name, kind in (("name", str), ("description", str), ("spec", list)):
        if not isinstance(spec.get(name), kind):
            return f"Expected {kind.__name__} for field '{name}'."
    if not spec["spec"]:
        return "'spec' doesn't contain any items."
    names = [question.get("variable") for question in spec["spec"]]
    wrong = [message for question in spec["spec"] if (message := _question(question))]
    wrong += [f"'variable' '{name}' duplicated" for name in names if names.count(name) > 1]
    return wrong[0] if wrong else ""


def _question(question: Item) -> str:
    for name, kind in (("type", str), ("question_name", str), ("variable", str), ("required", bool)):
        if not isinstance(question.get(name), kind):
            return f"'{name}' is missing or no {kind.__name__} in {question}"
    kind = question["type"]
    if kind not in SURVEY_TYPES:
        return f"'{kind}' is not an allowed question type"
    default = question.get("default", "")
    if default != "" and not isinstance(default, SURVEY_TYPES[kind]):
        return f"default value {default!r} has another type than {kind}"
    if any(not isinstance(question.get(limit) or 0, int) for limit in ("min", "max")):
        return "limits are integers"
    return _choices(question, default) if kind in ("multiplechoice", "multiselect") else ""


def _choices(question: Item, default: t.Any) -> str:
    chosen = default.splitlines() if isinstance(default, str) else default
    if "choices" not in question or any(choice not in question["choices"] for choice in chosen):
        return f"{question['variable']}: the default must be one of the choices"
    return ""


def answers(spec: Item, data: Item, *, complete: bool) -> list[str]:
    """Return what is wrong with answers to a survey (SurveyJobTemplateMixin).

    :param complete: required questions must be answered.
    """
    questions = {question["variable"]: question for question in spec.get("spec", [])}
    wrong = [f"'{name}' is not asked for" for name in data if name not in questions]
    for name, question in questions.items():
        if name not in data:
            wrong += [f"'{name}' value missing"] if complete and question["required"] else []
        elif not isinstance(data[name], SURVEY_TYPES[question["type"]]):
            wrong.append(f"'{name}' has another type than {question['type']}")
        elif question["type"] == "integer" and not question.get("min", 0) <= data[name] <= question.get(
            "max", data[name]
        ):
            wrong.append(f"'{name}' is out of range")
        elif "choices" in question and data[name] not in question["choices"]:
            wrong.append(f"'{name}' is none of the choices")
    return wrong


def _nothing(_whole: Item, _find: Find) -> Problems:
    return {}


def _credential(whole: Item, find: Find) -> Problems:
    kind = (find("credential_types", whole["credential_type"]) or {}).get("kind")
    known = {"username", "password", "ssh_key_data", "ssh_public_key_data", "ssh_key_unlock"}
    known |= {"become_method", "become_username", "become_password"}
    if kind == "ssh" and (unknown := set(whole.get("inputs", {})) - known):
        return {"inputs": [f"unknown inputs: {', '.join(sorted(unknown))}"]}
    key = whole.get("inputs", {}).get("ssh_key_data", "-----BEGIN")
    return {} if key.startswith(("-----BEGIN", "$encrypted$")) else {"inputs": ["Invalid certificate or key"]}


def _inventory_source(whole: Item, find: Find) -> Problems:
    inventory = find("inventories", whole["inventory"]) or {}
    if inventory.get("kind") in ("smart", "constructed"):
        return {"inventory": ["Cannot create Inventory Source for Smart or Constructed Inventories"]}
    if whole["source"] == "scm" and not whole.get("source_project"):
        return {"source_project": ["Project required for scm type sources."]}
    return {}


def _notification(whole: Item, _find: Find) -> Problems:
    needed = NOTIFICATIONS.get(whole["notification_type"], {})
    given = whole["notification_configuration"]
    wrong = [name for name, kind in needed.items() if not isinstance(given.get(name), kind)]
    if str(given.get("http_method", "POST")).lower() not in ("put", "post"):
        wrong.append("http_method")
    return {"__all__": [f"missing or of another type: {', '.join(wrong)}"]} if wrong else {}


def _job_template(whole: Item, find: Find) -> Problems:
    project = find("projects", whole["project"]) or {}
    if whole["playbook"] not in project.get("playbook_files", []):
        return {"playbook": ["Playbook not found for project."]}
    if not whole.get("inventory") and not whole.get("ask_inventory_on_launch"):
        return {"inventory": ["You must either set a default value or ask to prompt on launch."]}
    return {}


def _schedule(whole: Item, _find: Find) -> Problems:
    rules = re.findall(r"RULE:[^\s]*", whole["rrule"])
    starts = re.findall(r"DTSTART(?:;[^:]+)?:[0-9]+T[0-9]+Z?", whole["rrule"])
    wrong = []
    if len(starts) != 1 or re.search(r"DTSTART:[0-9]+T[0-9]+ ", whole["rrule"]):
        wrong.append("One DTSTART with a time zone is required in rrule.")
    if not rules:
        wrong.append("One or more rule required in rrule.")
    for rule in rules:
        parts = dict(part.partition("=")[::2] for part in rule.removeprefix("RULE:").split(";"))
        if "INTERVAL" not in parts or parts.get("FREQ") not in (
            "MINUTELY",
            "HOURLY",
            "DAILY",
            "WEEKLY",
            "MONTHLY",
            "YEARLY",
        ):
            wrong.append(f"INTERVAL and a supported FREQ required in rrule: {rule}")
        if "COUNT" in parts and "UNTIL" in parts:
            wrong.append("RRULE may not contain both COUNT and UNTIL")
    return {"rrule": wrong} if wrong else {}


def _prompts(kind: str, given: Item, whole: Item, find: Find) -> Problems:
    """A saved launch (a node, a schedule) may only set what its template asks for, and answer its survey."""
    template = find("unified_job_templates", whole.get("unified_job_template"))
    if not SCHEMA[kind].get("prompts") or template is None:
        return {}
    asks = {"job_tags": "tags", "execution_environment": "execution_environment"}
    prompted = {
        "inventory",
        "limit",
        "job_type",
        "diff_mode",
        "verbosity",
        "scm_branch",
        "forks",
        "job_slice_count",
        "timeout",
    }
    found: Problems = {
        name: ["Field is not configured to prompt on launch."]
        for name in (prompted | {"job_tags", "skip_tags", "execution_environment"}) & set(given)
        if given[name] is not None and not template.get(f"ask_{asks.get(name, name)}_on_launch")
    }
    if template.get("ask_variables_on_launch"):
        return found
    spec = template.get("survey_spec") or {} if template.get("survey_enabled") else {}
    wrong = answers(spec, whole.get("extra_data") or {}, complete=kind == "schedules")
    return found | ({"extra_data": wrong} if wrong else {})


RULES: dict[str, t.Callable[[Item, Find], Problems]] = {
    "credentials": _credential,
    "inventory_sources": _inventory_source,
    "notification_templates": _notification,
    "job_templates": _job_template,
    "schedules": _schedule,
}
