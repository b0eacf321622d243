package dev.assay.cli.flags;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.assay.artifact.v1.DataSetRegistration;
import dev.assay.artifact.v1.ModelRegistration;
import dev.assay.contract.Operation;
import dev.assay.contract.Operations;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.JobEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/// Whatever a contract's message says, flags can say: request → flags → request changes nothing. Jobs and events
/// are
/// among them because they nest, and hold maps, alternatives and well-known types.
class FlagRoundTripTest {

    @Property(tries = 200)
    void flagsOfAMessageMakeTheSameMessage(@ForAll("messages") Message.Builder empty, @ForAll long seed) {
        Message.Builder filled = empty.clone();
        new RandomMessage(seed).fill(filled);
        Message message = filled.build();

        Message.Builder parsed = empty.clone();
        FlagValues.apply(given(message), parsed);

        assertThat(parsed.build()).isEqualTo(message);
    }

    @Provide
    Arbitrary<Message.Builder> messages() {
        Stream<Message.Builder> requests = Operations.all().stream().map(Operation::newRequest);
        Stream<Message.Builder> others = Stream.of(
                Job.newBuilder(),
                JobEvent.newBuilder(),
                ModelRegistration.newBuilder(),
                DataSetRegistration.newBuilder());
        return Arbitraries.of(Stream.concat(requests, others).toList());
    }

    /// Reads `--name=value` arguments as the command line's parser does.
    private static Map<Flag, List<String>> given(Message message) {
        List<Flag> flags = Flags.of(message.getDescriptorForType());
        Map<Flag, List<String>> given = new LinkedHashMap<>();
        for (String argument : FlagValues.arguments(message)) {
            int equals = argument.indexOf('=');
            Flag flag = flags.stream()
                    .filter(f -> f.name().equals(argument.substring(0, equals)))
                    .findFirst()
                    .orElseThrow();
            given.computeIfAbsent(flag, any -> new ArrayList<>()).add(argument.substring(equals + 1));
        }
        return given;
    }
}
