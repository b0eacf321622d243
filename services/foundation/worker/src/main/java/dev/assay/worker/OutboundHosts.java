package dev.assay.worker;

import dev.assay.computation.ProblemException;
import java.net.IDN;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// The hosts that the mesh may call by itself. Nothing else is ever connected to: no host that merely looks like a
/// listed one, and no listed name that leads into the own network, unless the address itself is listed as well.
///
/// A caller follows no redirect on its own: each new address is asked for here again. It connects to an address that
/// {@link #allowed} returned, so that a second look-up of the name cannot lead elsewhere.
public final class OutboundHosts {

    /// Nobody is called.
    public static final OutboundHosts NONE = of(List.of());

    /// What a name or address is made of; no wildcard, no port, no user.
    private static final Pattern HOST = Pattern.compile("[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\\[?[0-9a-f:]*:[0-9a-f:.]*]?");

    /// A host that reads as a number in any of the ways in which some parsers read one: `127.1`, `0x7f000001`.
    private static final Pattern NUMERIC = Pattern.compile("(0x[0-9a-f]*|[0-9]+)(\\.(0x[0-9a-f]*|[0-9]*))*");

    private static final Pattern DOTTED = Pattern.compile("((25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)(\\.(?!$)|$)){4}");

    private final Set<String> hosts;
    private final Lookup lookup;

    /// Finds the addresses of a name.
    @FunctionalInterface
    interface Lookup {
        InetAddress[] addresses(String host) throws UnknownHostException;
    }

    private OutboundHosts(Set<String> hosts, Lookup lookup) {
        this.hosts = Set.copyOf(hosts);
        this.lookup = lookup;
    }

    /// @param hosts names and addresses as `assay.outbound.allowed-hosts` lists them, such as `hooks.example.org`; a
    ///     name stands for itself alone, not for what is under it
    /// @throws ProblemException `malformed-host` for what is neither
    public static OutboundHosts of(List<String> hosts) {
        return of(hosts, InetAddress::getAllByName);
    }

    static OutboundHosts of(List<String> hosts, Lookup lookup) {
        Set<String> normalized = new TreeSet<>();
        for (String host : hosts) {
            String name = normalized(host);
            if (!HOST.matcher(name).matches() || isOddNumber(name)) {
                throw new ProblemException(
                        "malformed-host",
                        host,
                        "'" + host + "' is neither the name of a host nor an address",
                        "list names such as hooks.example.org, without scheme, port or wildcard");
            }
            normalized.add(name);
        }
        return new OutboundHosts(normalized, lookup);
    }

    /// The addresses at which an allowed host may be called.
    ///
    /// @param target `http` or `https`, with a host, without a user
    /// @throws ProblemException `host-not-allowed` before anything is sent, even a look-up of a name that is not
    ///     listed; `host-unknown` when a listed name has no address
    public List<InetAddress> allowed(URI target) {
        String scheme = String.valueOf(target.getScheme()).toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw refused(target, "it is neither http nor https");
        }
        if (target.getHost() == null || target.getRawUserInfo() != null) {
            throw refused(target, "it has no plain host");
        }
        String host = normalized(target.getHost());
        if (isOddNumber(host)) {
            throw refused(target, "its host is a number that can be read in several ways");
        }
        if (!hosts.contains(host)) {
            throw refused(target, "its host is not listed");
        }
        List<InetAddress> addresses = addresses(host);
        for (InetAddress address : addresses) {
            if (isInternal(address) && !hosts.contains(address.getHostAddress())) {
                throw refused(target, "it leads to " + address.getHostAddress() + ", which is no public address");
            }
        }
        return addresses;
    }

    private List<InetAddress> addresses(String host) {
        try {
            return List.copyOf(Arrays.asList(lookup.addresses(host)));
        } catch (UnknownHostException unknown) {
            throw new ProblemException(
                    "host-unknown",
                    host,
                    "'" + host + "' has no address",
                    "check its spelling and the name servers",
                    unknown);
        }
    }

    /// Addresses of this machine, its network, or nobody in particular; also inside an IPv6 address that carries an
    /// IPv4 one (RFC 6052, RFC 3056).
    static boolean isInternal(InetAddress address) {
        if (address.isAnyLocalAddress()
                || address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isSiteLocalAddress()
                || address.isMulticastAddress()) {
            return true;
        }
        byte[] bytes = address.getAddress();
        int first = bytes[0] & 0xff;
        int second = bytes[1] & 0xff;
        if (bytes.length == 4) {
            return first == 0
                    || first >= 240
                    || first == 100 && second >= 64 && second < 128 // RFC 6598: shared by carriers
                    || first == 192 && second == 0 && bytes[2] == 0 // RFC 6890
                    || first == 198 && (second == 18 || second == 19); // RFC 2544: benchmarks
        }
        boolean isUniqueLocal = (first & 0xfe) == 0xfc; // RFC 4193
        boolean carriesIpv4 = first == 0x00 && second == 0x64 || first == 0x20 && second == 0x02 || isZero(bytes, 12);
        return isUniqueLocal || carriesIpv4;
    }

    private static boolean isZero(byte[] bytes, int count) {
        for (int i = 0; i < count; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean isOddNumber(String host) {
        return NUMERIC.matcher(host).matches() && !DOTTED.matcher(host).matches();
    }

    /// Lower case, ASCII, without the root's dot; an IPv6 address in one spelling without brackets.
    private static String normalized(String host) {
        String text = host.strip().toLowerCase(Locale.ROOT);
        if (text.contains(":")) {
            return ipv6(text.replace("[", "").replace("]", ""));
        }
        String plain = text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
        try {
            return IDN.toASCII(plain);
        } catch (IllegalArgumentException noName) {
            return plain; // what it is not, the list of what is allowed will say
        }
    }

    private static String ipv6(String text) {
        if (!text.matches("[0-9a-f:.]+")) {
            return text;
        }
        try {
            return InetAddress.getByName(text).getHostAddress(); // an address: nothing is looked up
        } catch (UnknownHostException malformed) {
            return text;
        }
    }

    private static ProblemException refused(URI target, String why) {
        return new ProblemException(
                "host-not-allowed",
                String.valueOf(target.getHost()),
                "the mesh may not call this address: " + why,
                "let the operator list the host in assay.outbound.allowed-hosts");
    }
}
