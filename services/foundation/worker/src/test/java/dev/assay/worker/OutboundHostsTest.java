package dev.assay.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.computation.ProblemException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutboundHostsTest {

    private static final byte[] PUBLIC = {(byte) 203, 0, 113, 9};

    @Test
    void aListedHostIsAllowedAtTheAddressesThatItHasNow() throws UnknownHostException {
        OutboundHosts hosts = leadingTo(PUBLIC, "hooks.example.org");

        for (String target : List.of(
                "https://hooks.example.org/a?b", "http://HOOKS.example.org:8080/", "https://hooks.example.org./")) {
            assertThat(hosts.allowed(URI.create(target))).containsExactly(InetAddress.getByAddress(PUBLIC));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://example.org/",
                "https://a.hooks.example.org/",
                "https://hooks.example.org.evil.test/",
                "https://hooks.example.org@evil.test/",
                "https://user@hooks.example.org/",
                "https://evil.test#@hooks.example.org/",
                "ftp://hooks.example.org/",
                "file:///etc/passwd",
                "hooks.example.org",
                "//hooks.example.org/",
                "https://203.0.113.9/",
                "http://127.0.0.1/",
                "http://2130706433/",
                "http://127.1/",
                "http://0x7f000001/",
                "http://017700000001/",
                "http://[::1]/",
                "http://[::ffff:127.0.0.1]/"
            })
    void whatIsNotListedIsRefusedWithoutBeingLookedUp(String target) {
        OutboundHosts hosts = OutboundHosts.of(List.of("hooks.example.org"), host -> {
            throw new AssertionError("looked up " + host);
        });

        assertRefused(hosts, target);
        assertRefused(OutboundHosts.NONE, target);
    }

    @Property(tries = 200)
    void aListedNameThatLeadsIntoTheOwnNetworkIsRefused(@ForAll("internal") byte[] address)
            throws UnknownHostException {
        assertRefused(leadingTo(address, "hooks.example.org"), "https://hooks.example.org/");

        String listed = InetAddress.getByAddress(address).getHostAddress();
        assertThat(leadingTo(address, "hooks.example.org", listed).allowed(URI.create("https://hooks.example.org/")))
                .hasSize(1);
    }

    @Property(tries = 200)
    void noNameIsAllowedButTheOneThatIsListed(@ForAll("names") String name) throws UnknownHostException {
        OutboundHosts hosts = leadingTo(PUBLIC, "hooks.example.org");

        if (!name.equals("hooks.example.org")) {
            assertRefused(hosts, "https://" + name + "/");
        }
    }

    @Test
    void oneInternalAddressAmongPublicOnesIsEnoughToRefuse() throws UnknownHostException {
        InetAddress[] both = {InetAddress.getByAddress(PUBLIC), InetAddress.getByName("10.0.0.1")};

        assertRefused(OutboundHosts.of(List.of("two.example"), host -> both), "https://two.example/");
    }

    @Test
    void loopbackIsAllowedWhenItIsListed() {
        assertThat(OutboundHosts.of(List.of("127.0.0.1")).allowed(URI.create("http://127.0.0.1:9/")))
                .hasSize(1);
        assertThat(OutboundHosts.of(List.of("::1")).allowed(URI.create("http://[0:0::1]:9/")))
                .hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"*.example.org", "https://example.org", "example.org:443", "", "a b", "2130706433", "a@b"})
    void whatIsNoHostCannotBeListed(String host) {
        assertThatThrownBy(() -> OutboundHosts.of(List.of(host)))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.type()).isEqualTo("malformed-host"));
    }

    @Test
    void aListedNameWithoutAnAddressIsToldApart() {
        OutboundHosts hosts = OutboundHosts.of(List.of("gone.example"), host -> {
            throw new UnknownHostException(host);
        });

        assertThatThrownBy(() -> hosts.allowed(URI.create("https://gone.example/")))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.type()).isEqualTo("host-unknown"));
    }

    @Provide
    Arbitrary<byte[]> internal() {
        return Arbitraries.of(
                        "10", "127", "0", "169.254", "172.16", "192.168", "100.64", "198.18", "240", "224", "192.0.0")
                .flatMap(prefix -> Arbitraries.bytes()
                        .array(byte[].class)
                        .ofSize(4)
                        .map(rest -> {
                            String[] parts = prefix.split("\\.");
                            for (int i = 0; i < parts.length; i++) {
                                rest[i] = (byte) Integer.parseInt(parts[i]);
                            }
                            return rest;
                        }));
    }

    @Provide
    Arbitrary<String> names() {
        Arbitrary<String> mutated = Arbitraries.strings()
                .withChars("abz09.-")
                .ofMinLength(1)
                .ofMaxLength(5)
                .map(text -> "hooks.example.org".replaceFirst("e", "e" + text));
        return Arbitraries.oneOf(mutated, mutated.map(name -> name + ".test"), mutated.map(name -> "x." + name));
    }

    private static OutboundHosts leadingTo(byte[] address, String... listed) throws UnknownHostException {
        InetAddress[] found = {InetAddress.getByAddress(address)};
        return OutboundHosts.of(List.of(listed), host -> found);
    }

    private static void assertRefused(OutboundHosts hosts, String target) {
        assertThatThrownBy(() -> hosts.allowed(URI.create(target)))
                .as(target)
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.type()).isEqualTo("host-not-allowed"));
    }
}
