"""Which network addresses may be contacted: only public unicast ones.

The crawl applies this to every answer of its resolver (`crawlers.fetch.guards`), and the channel `webhook` to every
connection that it makes. Each connects to the address that was checked, so a second lookup cannot give another one.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

# Networks that ipaddress calls global but that are not public, with the reason that is shown.
_MORE_REFUSED = (
    ("192.0.0.0/24", "reserved"),
    ("192.88.99.0/24", "6to4 relay"),
    ("2002::/16", "6to4"),
    ("2001::/32", "Teredo"),
    ("fec0::/10", "site-local"),
    ("64:ff9b:1::/48", "local translation"),
    ("::/96", "IPv4-compatible"),
    ("5f00::/16", "segment routing"),
    ("3fff::/20", "documentation"),
    ("100.64.0.0/10", "carrier's own network"),
)
_MORE_NETWORKS = tuple((ip_network(net), name) for net, name in _MORE_REFUSED)
_NAT64 = ip_network("64:ff9b::/96")
_KINDS = (
    ("is_unspecified", "unspecified"),
    ("is_loopback", "loopback"),
    ("is_link_local", "link-local"),
    ("is_multicast", "multicast"),
    ("is_private", "private"),
    ("is_reserved", "reserved"),
)


def find_refusal(address: str | IPv4Address | IPv6Address) -> str | None:
    """Why an address must not be contacted, or None if it is public. An address that cannot be read is refused."""
    try:
        ip = ip_address(address)
    except ValueError:
        return "not an address"
    if isinstance(ip, IPv6Address):
        if ip.scope_id:
            return "link-local"
        inner = ip.ipv4_mapped or (IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None)
        if inner is not None:
            return find_refusal(inner)
    for attribute, name in _KINDS:
        if getattr(ip, attribute):
            return name
    for net, name in _MORE_NETWORKS:
        if ip.version == net.version and ip in net:
            return name
    return None if ip.is_global else "not public"
