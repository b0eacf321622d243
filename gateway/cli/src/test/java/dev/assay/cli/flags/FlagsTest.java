package dev.assay.cli.flags;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Message;
import dev.assay.artifact.v1.ModelRegistration;
import dev.assay.attack.v1.EvaluateRequest;
import dev.assay.computation.ProblemException;
import dev.assay.contract.Operation;
import dev.assay.contract.Operations;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.JobEvent;
import dev.assay.loading.v1.ImportRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FlagsTest {

    @Test
    void everyFieldOfEveryOperationHasExactlyOneFlag() {
        for (Operation operation : Operations.all()) {
            List<Flag> flags = Flags.of(operation.request());
            assertThat(flags).extracting(Flag::name).doesNotHaveDuplicates();
            assertThat(flags.stream().map(flag -> flag.path().getFirst()).distinct())
                    .containsExactlyElementsOf(operation.request().getFields());
        }
    }

    @Test
    void namesAreKebabCaseAndNestedOnesHaveDots() {
        assertThat(names(ImportRequest.getDescriptor())).contains("--maximum-value", "--test-fraction");
        assertThat(names(Job.getDescriptor())).contains("--problem.remedy", "--progress.metrics", "--created-at");
    }

    @Test
    void aFieldNamedLikeAGeneralFlagIsReachedUnderAnotherName() throws Exception {
        Descriptor clashing = messageWithField("out");

        assertThat(names(clashing)).containsExactly("--field.out");
    }

    @Test
    void repeatedFlagsReplaceAListAndCommasSeparateWhereTheContractGivesAForm() {
        EvaluateRequest.Builder request = EvaluateRequest.newBuilder().addThreat("l2:9");

        apply(request, "--threat", "linf:2/255,linf:8/255", "l2:0.5");

        assertThat(request.getThreatList()).containsExactly("linf:2/255", "linf:8/255", "l2:0.5");
    }

    @Test
    void aCommaInAFreeTextSeparatesNothing() {
        ModelRegistration.Builder registration = ModelRegistration.newBuilder();

        apply(registration, "--class-names", "cat, sleeping", "dog");

        assertThat(registration.getClassNamesList()).containsExactly("cat, sleeping", "dog");
    }

    @Test
    void enumsAreGivenByNameInAnyCase() {
        ImportRequest.Builder request = ImportRequest.newBuilder();

        apply(request, "--format", "image-folder");
        apply(request, "--broken-images", "SKIP");

        assertThat(request.getFormat()).isEqualTo(ImportRequest.Format.IMAGE_FOLDER);
        assertThat(request.getBrokenImages()).isEqualTo(ImportRequest.BrokenImages.SKIP);
    }

    @Test
    void aWrongEnumNameIsAnsweredWithTheNearest() {
        assertThatThrownBy(() -> apply(ImportRequest.newBuilder(), "--format", "image-fodler"))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.oneLine())
                                .isEqualTo("--format: 'image-fodler' is none of auto, npz, idx, image-folder"
                                        + " (did you mean image-folder?)"));
    }

    @Test
    void aNumberThatIsNoneOrDoesNotFitIsNamed() {
        assertThatThrownBy(() -> apply(EvaluateRequest.newBuilder(), "--steps", "many"))
                .hasMessageContaining("'many' is not an integer");
        assertThatThrownBy(() -> apply(EvaluateRequest.newBuilder(), "--steps", "-1"))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.remedy()).isEqualTo("give a whole number from 0 to 4294967295"));
        assertThatThrownBy(() -> apply(EvaluateRequest.newBuilder(), "--confidence", "high"))
                .hasMessageContaining("'high' is not a number");
        assertThatThrownBy(() -> apply(EvaluateRequest.newBuilder(), "--random-start", "yes"))
                .hasMessageContaining("'yes' is neither true nor false");
    }

    @Test
    void theLargestUnsignedNumberIsTaken() {
        EvaluateRequest.Builder request = EvaluateRequest.newBuilder();

        apply(request, "--seed", "4294967295");

        assertThat(Integer.toUnsignedString(request.getSeed())).isEqualTo("4294967295");
    }

    @Test
    void oneOfTwoAlternativesIsTakenAndBothAreRefused() {
        JobEvent.Builder event = JobEvent.newBuilder();
        List<Flag> flags = Flags.of(JobEvent.getDescriptor());
        Map<Flag, List<String>> both =
                Map.of(flag(flags, "--started.worker"), List.of("w"), flag(flags, "--cancelled.reason"), List.of("r"));

        assertThatThrownBy(() -> FlagValues.apply(both, event))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("cannot be given together with");
    }

    @Test
    void helpTellsCommentBoundsDefaultAndExampleOfTheContract() {
        List<Flag> flags = Flags.of(EvaluateRequest.getDescriptor());

        assertThat(FlagHelp.lines(flag(flags, "--steps")))
                .containsExactly("Gradient steps per restart. At least 1, at most 10000. Default: 20.");
        assertThat(FlagHelp.lines(flag(flags, "--relative-step-size")).getFirst())
                .endsWith("More than 0, at most 2.");
        assertThat(FlagHelp.lines(flag(flags, "--threat")).getFirst())
                .endsWith("For more than one, repeat it or put commas between. Example: linf:8/255.");
    }

    @Test
    void helpListsTheNamesOfAnEnumWithWhatTheyMean() {
        Flag format = flag(Flags.of(ImportRequest.getDescriptor()), "--format");

        assertThat(FlagHelp.lines(format))
                .contains("  auto: Told by the bytes.")
                .anyMatch(line -> line.contains("npz"));
    }

    private static void apply(Message.Builder request, String name, String... values) {
        Map<Flag, List<String>> given = new HashMap<>();
        given.put(flag(Flags.of(request.getDescriptorForType()), name), List.of(values));
        FlagValues.apply(given, request);
    }

    private static Flag flag(List<Flag> flags, String name) {
        return flags.stream().filter(f -> f.name().equals(name)).findFirst().orElseThrow();
    }

    private static List<String> names(Descriptor message) {
        return Flags.of(message).stream().map(Flag::name).toList();
    }

    private static Descriptor messageWithField(String name) throws Exception {
        FieldDescriptorProto field = FieldDescriptorProto.newBuilder()
                .setName(name)
                .setNumber(1)
                .setType(FieldDescriptorProto.Type.TYPE_STRING)
                .build();
        FileDescriptorProto file = FileDescriptorProto.newBuilder()
                .setName("clash.proto")
                .setSyntax("proto3")
                .addMessageType(DescriptorProto.newBuilder().setName("Clash").addField(field))
                .build();
        return FileDescriptor.buildFrom(file, new FileDescriptor[0]).findMessageTypeByName("Clash");
    }
}
