"""What a calendar says to who asks for it."""

from icalendar import Calendar, Event

from tests.web.making import Shop

ADDRESSES = ["/schedule.ics", "/primer/schedule.ics"]


def lines(shop: Shop, address: str = "/primer/schedule.ics") -> str:
    return shop.get(address).text.replace("\r\n ", "")


def events(shop: Shop, address: str = "/primer/schedule.ics") -> list[Event]:
    return Calendar.from_ical(shop.get(address).content).events


def summaries(shop: Shop, address: str = "/primer/schedule.ics") -> list[str]:
    return [str(one["SUMMARY"]) for one in events(shop, address)]
