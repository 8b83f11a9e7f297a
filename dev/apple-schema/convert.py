#!/usr/bin/env python3
"""Makes foundation/apple-mdm/schema.json of a checkout of Apple's schema repository (github.com/apple/device-management).

    python3 dev/apple-schema/convert.py CHECKOUT > foundation/apple-mdm/schema.json

Needs PyYAML. Only what concerns iOS and iPadOS is taken over, and no descriptions. Keys are nodes of a graph, because some
of the files refer to themselves; foundation/apple-mdm/src/schema.rs says what each field means.
"""

import json
import os
import sys

import yaml

TYPES = {"<string>": "string", "<integer>": "integer", "<real>": "real", "<boolean>": "boolean", "<date>": "date",
         "<data>": "data", "<array>": "array", "<dictionary>": "dictionary", "<any>": "any"}

# What every profile and every payload may have.
COMMON = ("TopLevel.yaml", "CommonPayloadKeys.yaml")

nodes = []
known = {}
# Entries are known by their identity, so none may go while there are more.
alive = []


def system(entry):
    """What an entry says of iOS, as far as it is used."""
    found = ((entry.get("supportedOS") or {}).get("iOS")) or {}
    out = {}
    for name in ("introduced", "deprecated", "removed", "supervised", "multiple"):
        if name in found:
            out[name] = found[name] if isinstance(found[name], bool) else str(found[name])
    mode = (found.get("userenrollment") or {}).get("mode")
    if mode:
        out["user_enrolment"] = mode
    return out


def plain(value):
    return value.isoformat() if hasattr(value, "isoformat") else value


def node(entry):
    if id(entry) in known:
        return known[id(entry)]
    known[id(entry)] = place = len(nodes)
    out = {"key": str(entry["key"]), "type": TYPES[entry["type"]]}
    nodes.append(out)
    if entry.get("presence") == "required":
        out["required"] = True
    if entry.get("rangelist") is not None:
        out["values"] = [plain(value) for value in entry["rangelist"]]
    if entry.get("range"):
        out["range"] = [entry["range"].get("min"), entry["range"].get("max")]
    if entry.get("repetition"):
        out["count"] = [entry["repetition"].get("min"), entry["repetition"].get("max")]
    if entry.get("format"):
        out["format"] = entry["format"]
    if entry.get("default") is not None:
        out["default"] = plain(entry["default"])
    if system(entry):
        out["system"] = system(entry)
    if entry.get("subkeys"):
        out["keys"] = [node(sub) for sub in entry["subkeys"]]
    return place


def documents(folder, kind, name):
    for directory, _, files in sorted(os.walk(folder)):
        for file in sorted(files):
            with open(os.path.join(directory, file)) as text:
                document = yaml.safe_load(text)
            alive.append(document)
            about = document["payload"]
            if kind != "payload" and "iOS" not in (about.get("supportedOS") or {}):
                continue
            if kind == "payload" and file not in COMMON and system(about).get("introduced", "n/a") == "n/a":
                continue
            yield {
                "kind": kind, "type": about.get(name, ""), "file": file, "system": system(about),
                "keys": [node(entry) for entry in document.get("payloadkeys") or []],
            }


def main(checkout):
    out = []
    for folder, kind, name in (("mdm/profiles", "payload", "payloadtype"), ("mdm/commands", "command", "requesttype"),
                               ("declarative/declarations", "declaration", "declarationtype")):
        out.extend(documents(os.path.join(checkout, folder), kind, name))
    print(json.dumps({"entries": out, "keys": nodes}, separators=(",", ":")).replace('},{', '},\n{'))


main(sys.argv[1])
