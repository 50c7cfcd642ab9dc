"""Decides which IP addresses belong to the public internet.

Anybody who submits a story chooses what the bot connects to. Everything except public unicast
addresses is therefore refused: the local network, the cloud's metadata service, other tenants.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

# In addition to `is_global`, whose lists differ between Python releases.
# Source: IANA's special-purpose address registries, and RFC numbers as given.
_REFUSED: tuple[IPv4Network | IPv6Network, ...] = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # shared by carriers (RFC 6598); also Alibaba's metadata service
        "168.63.129.16/32",  # Azure's host, which serves metadata
        "192.0.0.0/24",  # protocol assignments (RFC 6890); also Oracle's metadata service
        "192.88.99.0/24",  # 6to4 relays (RFC 7526)
        "198.18.0.0/15",  # benchmarks (RFC 2544)
        "224.0.0.0/3",  # multicast, reserved, broadcast
        "2001::/23",  # protocol assignments, among them Teredo tunnels (RFC 4380)
        "2001:db8::/32",
        "3fff::/20",  # documentation (RFC 9637)
    )
)
# The rest of IPv6 is reserved, or not public where it is used (0200::/7 is a mesh network).
_GLOBAL_UNICAST = IPv6Network("2000::/3")  # RFC 4291, section 4
_TRANSLATED = (
    IPv6Network("64:ff9b::/96"),  # NAT64 (RFC 6052)
    IPv6Network("::ffff:0:0:0/96"),  # IPv4-translated (RFC 2765)
)


def is_public(address: str) -> bool:
    """Whether connections to this address go to the public internet, also through tunnels."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        if (inner := _translated_address(ip)) is not None:
            return is_public(str(inner))
        if ip not in _GLOBAL_UNICAST:
            return False
    return ip.is_global and not any(ip in network for network in _REFUSED)


def _translated_address(ip: IPv6Address) -> IPv4Address | None:
    """The IPv4 address to which packets for an IPv6 address are translated, or None."""
    if any(ip in network for network in _TRANSLATED):
        return IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip.ipv4_mapped or ip.sixtofour
