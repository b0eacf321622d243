package dev.assay.gateway.registry;

import com.google.protobuf.Message;
import dev.assay.computation.ProblemException;
import dev.assay.contract.Json;
import dev.assay.contract.Validation;
import dev.assay.gateway.GatewayConfiguration;
import dev.assay.gateway.http.LimitedBody;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What the registrations of models and of data sets have in common.
final class RegistrationReader {

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,127}");

    private RegistrationReader() {}

    /// @throws ProblemException `malformed-name`
    static void requireName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new ProblemException(
                    "malformed-name",
                    "name",
                    "'" + name + "' cannot be a name",
                    "use 1 to 128 lower-case letters, digits, '.', '_' or '-', beginning with a letter or digit");
        }
    }

    /// The registration that a body holds, with its constraints checked.
    static <M extends Message> M registration(
            Class<M> type, Message.Builder empty, InputStream body, Long announced, GatewayConfiguration configuration)
            throws IOException {
        LimitedBody limited = LimitedBody.of(
                body,
                "",
                "assay.gateway.request-limit",
                configuration.requestLimit().asLongValue(),
                Optional.ofNullable(announced).orElse(-1L));
        Json.parse(limited.text(), empty);
        return Validation.accept(type.cast(empty.build()));
    }

    /// `{"models": […]}`.
    static String list(String name, List<? extends Message> messages) {
        return messages.stream().map(Json::printCompact).collect(Collectors.joining(",", "{\"" + name + "\":[", "]}"));
    }
}
