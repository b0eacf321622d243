package dev.assay.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.artifact.v1.Artifact;
import dev.assay.artifact.v1.DataSet;
import dev.assay.artifact.v1.Model;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(MeshForTests.class)
class RegistrationsTest {

    @TestHTTPResource
    URI root;

    private Door door;

    @BeforeEach
    void open() throws InterruptedException {
        door = new Door(root).ready();
    }

    @Test
    void aModelGetsANameAndACardOfWhatItsFileSays() {
        String digest = store(Models.flatten());

        Door.Reply first = door.putJson("/v1/models/flat", registration(digest));
        assertThat(first.status()).as(first.text()).isEqualTo(200);
        Model model = first.into(Model.newBuilder()).build();
        assertThat(model.getVersion()).isEqualTo(1);
        assertThat(model.getInputs(0).getName()).isEqualTo("image");
        assertThat(model.getInputs(0).getElementType()).isEqualTo("float");
        assertThat(model.getInputs(0).getDimensionsList()).containsExactly("N", "1", "8", "8");
        assertThat(model.getOutputs(0).getName()).isEqualTo("logits");

        assertThat(door.putJson("/v1/models/flat", registration(digest))
                        .into(Model.newBuilder())
                        .getVersion())
                .isEqualTo(2);
        assertThat(door.get("/v1/models/flat").into(Model.newBuilder()).getVersion())
                .isEqualTo(2);
        assertThat(door.get("/v1/models").json().getAsJsonArray("models").toString())
                .contains("\"flat\"");
    }

    @Test
    void aTruncatedModelIsRefused() {
        byte[] whole = Models.flatten();
        String digest = store(Arrays.copyOf(whole, whole.length / 2));

        Door.Reply refused = door.putJson("/v1/models/broken", registration(digest));

        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.problem()).isEqualTo("malformed-model");
        assertThat(refused.json().get("subject").getAsString()).isEqualTo("artifact");
        assertThat(refused.json().get("remedy").getAsString()).contains("export");
        assertThat(door.get("/v1/models/broken").status()).isEqualTo(404);
    }

    @Test
    void whatIsNoModelIsRefused() {
        String digest = store("This is prose, not a model.".getBytes(StandardCharsets.UTF_8));

        assertThat(door.putJson("/v1/models/prose", registration(digest)).problem())
                .isEqualTo("malformed-model");
    }

    @Test
    void aModelWhoseTrainingDivergedIsRefusedByTheNameOfTheTensor() {
        float[] weights = new float[64];
        weights[17] = Float.NaN;
        String digest = store(Models.weighted(weights));

        Door.Reply refused = door.putJson("/v1/models/diverged", registration(digest));

        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.problem()).isEqualTo("non-finite-weights");
        assertThat(refused.json().get("subject").getAsString()).isEqualTo("artifact");
        assertThat(refused.json().get("detail").getAsString()).contains("'bias'", "element 17");
        assertThat(door.get("/v1/models/diverged").status()).isEqualTo(404);
    }

    @Test
    void aMissingArtifactIsNamedWithItsField() {
        String digest = "sha256:" + "0".repeat(64);

        Door.Reply refused = door.putJson("/v1/models/ghost", registration(digest));

        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.problem()).isEqualTo("artifact-not-found");
        assertThat(refused.json().get("subject").getAsString()).isEqualTo("artifact");
        assertThat(door.putJson("/v1/datasets/ghost", registration(digest)).problem())
                .isEqualTo("artifact-not-found");
    }

    @Test
    void aDataSetGetsANameAndACardOfWhatItsFileSays() throws IOException {
        String digest = store(DataSets.npz(5, 3));

        Door.Reply registered = door.putJson("/v1/datasets/few", registration(digest));

        assertThat(registered.status()).as(registered.text()).isEqualTo(200);
        DataSet card = door.get("/v1/datasets/few").into(DataSet.newBuilder()).build();
        assertThat(card.getRegistration().getArtifact()).isEqualTo(digest);
        assertThat(card.getSamples()).isEqualTo(5);
        assertThat(card.getImageShapeList()).containsExactly(1, 8, 8);
        assertThat(card.getClasses()).isEqualTo(3);
        assertThat(card.getVersion()).isEqualTo(1);
        assertThat(door.get("/v1/datasets").json().getAsJsonArray("datasets").toString())
                .contains("\"few\"");
    }

    @Test
    void aBetonFileIsOpenedToo() throws IOException {
        Door.Reply registered = door.putJson("/v1/datasets/beton", registration(store(DataSets.beton(4, 2))));

        DataSet card = registered.into(DataSet.newBuilder()).build();
        assertThat(card.getSamples()).isEqualTo(4);
        assertThat(card.getImageShapeList()).containsExactly(1, 8, 8);
        assertThat(card.getClasses()).isEqualTo(2);
    }

    @Test
    void whatIsNoDataSetIsRefused() throws IOException {
        byte[] whole = DataSets.npz(5, 3);
        Map<String, byte[]> wrong = Map.of(
                "unsupported-data-set", new byte[] {1, 2, 3},
                "damaged-npz", Arrays.copyOf(whole, whole.length / 2),
                "damaged-beton", Arrays.copyOf(DataSets.beton(4, 2), 1000),
                "wrong-labels", DataSets.npz(5, new long[] {0, 1}),
                "label-out-of-range", DataSets.npz(5, new long[] {0, 1, 2, -1, 0}));
        wrong.forEach((problem, bytes) -> {
            Door.Reply refused = door.putJson("/v1/datasets/wrong", registration(store(bytes)));
            assertThat(refused.problem()).isEqualTo(problem);
            assertThat(refused.status()).isEqualTo(422);
            assertThat(refused.json().get("subject").getAsString()).isEqualTo("artifact");
            assertThat(refused.json().get("remedy").getAsString()).isNotBlank();
        });
        assertThat(door.get("/v1/datasets/wrong").status()).isEqualTo(404);
    }

    @Test
    void whatTheContractDoesNotAllowIsRefusedByField() {
        assertThat(door.putJson("/v1/models/Bad%20Name", registration("sha256:" + "0".repeat(64)))
                        .problem())
                .isEqualTo("malformed-name");
        Door.Reply noDigest = door.putJson("/v1/models/m", "{\"artifact\": \"latest\"}");
        assertThat(noDigest.problem()).isEqualTo("invalid-request");
        assertThat(noDigest.json().getAsJsonArray("violations").toString()).contains("\"artifact\"");
        assertThat(door.putJson("/v1/models/m", "{\"artefact\": \"x\"}").problem())
                .isEqualTo("unknown-field");
    }

    @Test
    void anUnknownNameIsToldItsNearest() {
        door.putJson("/v1/models/digits-cnn", registration(store(Models.flatten())));

        Door.Reply missing = door.get("/v1/models/digit-cnn");

        assertThat(missing.problem()).isEqualTo("not-found");
        assertThat(missing.json().get("remedy").getAsString()).contains("did you mean digits-cnn?");
    }

    private String store(byte[] bytes) {
        return door.post("/v1/artifacts", bytes).into(Artifact.newBuilder()).getDigest();
    }

    private static String registration(String digest) {
        return "{\"artifact\": \"" + digest + "\"}";
    }
}
