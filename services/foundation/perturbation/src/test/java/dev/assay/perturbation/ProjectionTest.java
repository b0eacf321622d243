package dev.assay.perturbation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.assay.computation.CounterRandom;
import java.nio.FloatBuffer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class ProjectionTest {

    /// A clean image, a point anywhere near or far, and a threat.
    record Case(float[] clean, float[] point, ThreatModel threat) {}

    @Property(tries = 200)
    void aProjectedPointIsInBallAndBox(@ForAll("cases") Case example) {
        FloatBuffer point = projected(example);

        assertThat(example.threat().allows(FloatBuffer.wrap(example.clean()), point))
                .isTrue();
    }

    @Property(tries = 200)
    void projectingTwiceIsProjectingOnce(@ForAll("cases") Case example) {
        FloatBuffer once = projected(example);
        float[] first = once.array().clone();

        example.threat().project(FloatBuffer.wrap(example.clean()), once);

        assertThat(once.array()).isEqualTo(first);
    }

    @Property(tries = 200)
    void aPointThatIsAllowedStaysWhereItIs(@ForAll("cases") Case example) {
        float[] start = new float[example.clean().length];
        example.threat()
                .randomStart(
                        FloatBuffer.wrap(example.clean()), CounterRandom.of(1, "test", 0), FloatBuffer.wrap(start));

        float[] projected = start.clone();
        example.threat().project(FloatBuffer.wrap(example.clean()), FloatBuffer.wrap(projected));

        assertThat(projected).isEqualTo(start);
    }

    @Property(tries = 200)
    void aRandomStartIsInBallAndBox(@ForAll("cases") Case example) {
        FloatBuffer start = FloatBuffer.allocate(example.clean().length);

        example.threat().randomStart(FloatBuffer.wrap(example.clean()), CounterRandom.of(7, "test", 3), start);

        assertThat(example.threat().allows(FloatBuffer.wrap(example.clean()), start))
                .isTrue();
    }

    @Test
    void l2ProjectionScalesOntoTheSphere() {
        float[] point = {0.5f + 0.3f, 0.5f + 0.4f};

        ThreatModel.parse("l2:0.25").project(FloatBuffer.wrap(new float[] {0.5f, 0.5f}), FloatBuffer.wrap(point));

        assertThat(point[0]).isEqualTo(0.65f, within(1e-6f));
        assertThat(point[1]).isEqualTo(0.7f, within(1e-6f));
    }

    @Test
    void linfProjectionClipsToTheBallAndThenToTheBox() {
        float[] point = {1.5f, 0.0f, 0.52f};

        ThreatModel.parse("linf:0.1")
                .project(FloatBuffer.wrap(new float[] {0.95f, 0.5f, 0.5f}), FloatBuffer.wrap(point));

        assertThat(point).containsExactly(1f, 0.5f - 0.1f, 0.52f);
    }

    @Test
    void l2StartsFillTheBallUniformly() {
        ThreatModel threat = ThreatModel.parse("l2:0.4");
        FloatBuffer clean = FloatBuffer.wrap(new float[] {0.5f, 0.5f});
        int inInnerHalf = 0;
        for (int sample = 0; sample < 2000; sample++) {
            FloatBuffer start = FloatBuffer.allocate(2);
            threat.randomStart(clean, CounterRandom.of(5, "uniform", sample), start);
            inInnerHalf += threat.distance(clean, start) <= 0.2 ? 1 : 0;
        }

        // A disc of half the radius has a quarter of the area; four standard deviations of 2,000 draws are 0.039.
        assertThat(inInnerHalf / 2000.0).isEqualTo(0.25, within(0.039));
    }

    @Provide
    Arbitrary<Case> cases() {
        Arbitrary<ThreatModel> threats = Arbitraries.of(
                        "linf:8/255", "linf:2/255", "linf:1", "linf:0.000001", "l2:0.5", "l2:0.001", "l2:3", "l2:100")
                .map(ThreatModel::parse);
        return Arbitraries.integers()
                .between(1, 300)
                .flatMap(size -> Combinators.combine(
                                Arbitraries.floats()
                                        .between(0, 1)
                                        .array(float[].class)
                                        .ofSize(size),
                                Arbitraries.floats()
                                        .between(-3, 3)
                                        .array(float[].class)
                                        .ofSize(size),
                                threats)
                        .as(Case::new));
    }

    private static FloatBuffer projected(Case example) {
        FloatBuffer point = FloatBuffer.wrap(example.point().clone());
        example.threat().project(FloatBuffer.wrap(example.clean()), point);
        return point;
    }
}
