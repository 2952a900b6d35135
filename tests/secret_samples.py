"""Secrets for tests, put together here, so that no scanner takes these files for a leak."""

from dfadvise.testing import Bench
from rule_answers import RULES

SECRETS = [rule for rule in RULES.values() if rule.family == "secrets"]
BASE = "FROM debian:13\n"
SYNTAX = "# syntax=docker/dockerfile:1\n"
ALNUM = "Zx81qLw0vN3sT6yBc9dE2fGh4jKm7pQr5uVaXb1Cn8Wk3Yz6"
HEX = "3fa9c07be1d2468f5a0b7c9e1d3f5a7b9c0e2d4f6a8b1c3d5e7f9a0b2c4d6e8f"
GITHUB = "ghp_" + ALNUM[:36]
AWS_ID = "AKIA" + "QYLPMN5HHHFPZAM2"
AWS_KEY = (ALNUM * 2)[:40]
PEM = (
    "-----BEGIN RSA "
    + "PRIVATE KEY-----\nMIIE"
    + ALNUM
    + "abcdefgh"
    + "\n"
    + ALNUM
    + "\n-----END RSA "
    + "PRIVATE KEY-----\n"
)
PASSWORD = "tr0ub4dor-3"


def told(text):
    """(rule, severity) of what all rules about secrets say, without what is only shown when asked for."""
    found = Bench(*SECRETS).findings(text)
    return sorted({(each.rule, each.severity) for each in found if each.severity != "style"})
