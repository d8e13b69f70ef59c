"""Units of measure and currencies, and how many base units each one is."""

import re
from decimal import Decimal

# (spellings, base unit, how many base units it is); of two that begin alike the longer comes first.
_UNITS: tuple[tuple[str, str, str], ...] = (
    ("percentage points?|percent points?|pp", "points", "1"),
    ("basis points?", "points", "0.01"),
    ("%|percent|per cent|pct", "%", "1"),
    ("km/h|kph|kilomet(?:re|er)s? (?:per|an) hour", "km/h", "1"),
    ("mph|miles (?:per|an) hour", "km/h", "1.609344"),
    ("m/s|met(?:re|er)s per second", "km/h", "3.6"),
    ("knots?", "km/h", "1.852"),
    ("millimet(?:re|er)s?|mm", "m", "0.001"),
    ("centimet(?:re|er)s?|cm", "m", "0.01"),
    ("met(?:re|er)s?|m", "m", "1"),
    ("kilomet(?:re|er)s?|km", "m", "1000"),
    ("nanomet(?:re|er)s?|nm", "m", "1e-9"),
    ("inch(?:es)?", "m", "0.0254"),
    ("foot|feet|ft", "m", "0.3048"),
    ("yards?|yd", "m", "0.9144"),
    ("nautical miles?|nmi", "m", "1852"),
    ("miles?|mi", "m", "1609.344"),
    ("light[ -]years?", "light-year", "1"),
    (r"km²|km2|sq\.? km|square kilomet(?:re|er)s?", "m²", "1000000"),
    (r"m²|m2|sq\.? m|square met(?:re|er)s?", "m²", "1"),
    (r"sq\.? mi|square miles?", "m²", "2589988.110336"),
    (r"sq\.? ft|square (?:foot|feet)", "m²", "0.09290304"),
    ("hectares?|ha", "m²", "10000"),
    ("acres?", "m²", "4046.8564224"),
    ("m³|m3|cubic met(?:re|er)s?", "l", "1000"),
    ("millilit(?:re|er)s?|ml", "l", "0.001"),
    ("lit(?:re|er)s?|l", "l", "1"),
    ("gallons?", "gallon", "1"),
    ("barrels?", "barrel", "1"),
    ("milligrams?|mg", "g", "0.001"),
    ("kilograms?|kilos?|kg", "g", "1000"),
    ("grams?|g", "g", "1"),
    ("metric tons?|tonnes?|t", "g", "1000000"),
    ("tons?", "ton", "1"),
    ("lbs?", "g", "453.59237"),
    ("ounces?|oz", "g", "28.349523125"),
    ("GBP|£|pounds? sterling", "GBP", "1"),
    ("pounds?", "pound", "1"),
    ("milliseconds?|ms", "s", "0.001"),
    ("seconds?|secs?|s", "s", "1"),
    ("minutes?|mins?", "s", "60"),
    ("hours?|hrs?|h", "s", "3600"),
    ("days?", "s", "86400"),
    ("weeks?", "s", "604800"),
    ("months?", "month", "1"),
    ("years?|yrs?", "month", "12"),
    ("decades?", "month", "120"),
    ("centur(?:y|ies)", "month", "1200"),
    ("bits?", "bit", "1"),
    ("bytes?|B", "byte", "1"),
    *((f"{sign}B|{name}bytes?", "byte", f"1e{e}") for sign, name, e in (
        ("[kK]", "kilo", 3), ("M", "mega", 6), ("G", "giga", 9), ("T", "tera", 12))),
    *((f"{sign}Wh|{name}watt[- ]hours?", "Wh", f"1e{e}") for sign, name, e in (
        ("", "", 0), ("k", "kilo", 3), ("M", "mega", 6), ("G", "giga", 9), ("T", "tera", 12))),
    *((f"{sign}W|{name}watts?", "W", f"1e{e}") for sign, name, e in (
        ("", "", 0), ("k", "kilo", 3), ("M", "mega", 6), ("G", "giga", 9), ("T", "tera", 12))),
    *((f"{sign}Hz|{name}hertz", "Hz", f"1e{e}") for sign, name, e in (
        ("", "", 0), ("k", "kilo", 3), ("M", "mega", 6), ("G", "giga", 9))),
    ("hp|horsepower", "hp", "1"),
    ("dB|decibels?", "dB", "1"),
    ("volts?|V", "V", "1"),
    (r"°\s?C|degrees? (?:Celsius|centigrade|C)", "°C", "1"),
    (r"°\s?F|degrees? (?:Fahrenheit|F)", "°F", "1"),
    ("kelvins?|K", "K", "1"),
    ("°|degrees?", "°", "1"),
    (r"(?:US )?dollars?|USD|US\$|\$", "USD", "1"),
    ("euros?|EUR|€", "EUR", "1"),
    ("yen|JPY|¥", "JPY", "1"),
    ("yuan|renminbi|RMB|CNY", "CNY", "1"),
    ("rupees?|INR|₹", "INR", "1"),
    ("francs?|CHF", "CHF", "1"),
    ("cents?", "USD", "0.01"),
)  # fmt: skip
CURRENCIES = {
    "$": "USD", "US$": "USD", "USD": "USD", "€": "EUR", "EUR": "EUR", "£": "GBP", "GBP": "GBP",
    "¥": "JPY", "₹": "INR", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "HK$": "HKD", "RMB": "CNY",
    "CHF": "CHF",
}  # fmt: skip
_UNIT = re.compile(
    r"[\s\u00a0\u202f-]?(?:" + "|".join(f"({u[0]})" for u in _UNITS) + r")(?![\w/²³])"
)


def unit_after(text: str, at: int) -> tuple[int, str, Decimal] | None:
    """The unit behind a number that ends there: its end, its base unit, how many of these it is."""
    match = _UNIT.match(text, at)
    if match is None or match.lastindex is None:
        return None
    _, base, factor = _UNITS[match.lastindex - 1]
    return match.end(), base, Decimal(factor)
