"""Turns what pip and the compiler wrote before they failed into one sentence and a next step.

Standard library only, and readable by Python 3.8.
"""

from __future__ import annotations

import re

NETWORK = re.compile(
    r"NewConnectionError|NameResolutionError|Temporary failure in name resolution"
    r"|Name or service not known|nodename nor servname|Network is unreachable|No route to host"
    r"|Connection refused|Connection reset|ConnectTimeout|Read timed out|ReadTimeout"
    r"|ProxyError|Max retries exceeded|RemoteDisconnected|IncompleteRead|connection broken"
)
CERTIFICATE = re.compile(r"CERTIFICATE_VERIFY_FAILED|SSLCertVerificationError|SSLError")
DISK = re.compile(r"No space left on device|Errno 28|Disk quota exceeded|Errno 122")
MEMORY = re.compile(
    r"Killed signal terminated program|fatal error: Killed|virtual memory exhausted"
    r"|out of memory|Cannot allocate memory|std::bad_alloc"
)
RIGHTS = re.compile(r"Permission denied|Errno 13|Read-only file system|Errno 30")
NO_MATCH = re.compile(r"No matching distribution found for ([^\s(]+)")
COMPILER = re.compile(r"^.*?(?:fatal error|error): .+$|^\s*CMake Error.*$", re.MULTILINE)
PIP_ERROR = re.compile(r"^\s*(?:ERROR|error): (.+)$", re.MULTILINE)
RETRY = re.compile(r"Retrying \(Retry\(total=(\d+)")


def explain(log: str, *, compiling: bool = False) -> tuple[str, str]:
    """What went wrong and what to do, from the end of an installation's log.

    The order matters: a full disk also breaks the compiler, and a missing network makes pip say
    that no such package exists.
    """
    if DISK.search(log):
        return "The disk is full.", "Free some space (3 GB are needed in all) and run this again."
    if CERTIFICATE.search(log):
        return (
            "The package index answers, but its certificate is not trusted on this machine.",
            "If your network has a certificate of its own, give it to pip: "
            "`export PIP_CERT=/path/to/certificate.pem`; then run this again.",
        )
    if MEMORY.search(log):
        return (
            "The compiler ran out of memory.",
            "Compile one file at a time: `CMAKE_BUILD_PARALLEL_LEVEL=1 make install`.",
        )
    if NETWORK.search(log):
        return (
            "The package index cannot be reached from here.",
            "Check the network (or PIP_INDEX_URL, PIP_PROXY, PIP_FIND_LINKS if you use them) and "
            "run this again; what was installed already is kept.",
        )
    if RIGHTS.search(log):
        return (
            "A file or folder here cannot be written.",
            "Make this folder yours (`sudo chown -R $USER .`) and run this again, without sudo.",
        )
    return explain_package(log, compiling=compiling)


def explain_package(log: str, *, compiling: bool) -> tuple[str, str]:
    """The causes that lie in one package rather than in the machine."""
    missing = NO_MATCH.search(log)
    if missing:
        return (
            f"The package index has no {missing.group(1)} for this Python and system.",
            "Another Python may help: PYTHON=python3.12 make install (3.11 to 3.14 work).",
        )
    if compiling:
        lines = [line.strip() for line in COMPILER.findall(log)]
        detail = f": {lines[0][:200]}" if lines else "."
        return (
            f"llama.cpp could not be compiled{detail}",
            "A newer compiler may help (GCC 9 or clang 10 and later work); CXX= names another.",
        )
    errors = PIP_ERROR.findall(log)
    detail = f": {errors[-1].strip()[:200]}" if errors else "."
    return f"pip failed{detail}", "Run this again; if it fails again, the log says more."


def retries_left(line: str) -> int | None:
    """How often pip will still try, from its warning; None if the line is not that warning."""
    found = RETRY.search(line)
    return int(found.group(1)) if found else None
