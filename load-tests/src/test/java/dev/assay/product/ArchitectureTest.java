package dev.assay.product;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The rules of the house, checked on the compiled classes of every module.
class ArchitectureTest {

    private static final List<String> SERVICES = List.of("loading", "training", "attack");

    private static final DescribedPredicate<JavaClass> FRAMEWORK_TYPES = resideInAnyPackage(
            "io.quarkus..",
            "io.vertx..",
            "io.smallrye..",
            "jakarta..",
            "org.eclipse.microprofile..",
            "org.apache.kafka..",
            "io.cloudevents..",
            "io.lettuce..",
            "java.net.http..",
            "com.sun.net.httpserver..",
            "io.opentelemetry..");

    private static JavaClasses product;

    @BeforeAll
    static void importEveryModule() throws IOException {
        Path root = Path.of("..").toAbsolutePath().normalize();
        try (Stream<Path> poms = Files.find(root, 4, (path, attributes) -> path.endsWith("pom.xml"))) {
            List<Path> outputs = poms.map(pom -> pom.resolveSibling("target/classes"))
                    .filter(Files::isDirectory)
                    .filter(output -> !output.startsWith(root.resolve("load-tests")))
                    .toList();
            product = new ClassFileImporter().importPaths(outputs);
        }
    }

    @Test
    void everyServiceAndTheGatewayWereImported() {
        assertThat(SERVICES)
                .allSatisfy(service -> assertThat(product.that(resideInAPackage("dev.assay." + service + "..")))
                        .isNotEmpty());
        assertThat(product.that(resideInAPackage("dev.assay.gateway.."))).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"loading", "training", "attack"})
    void aServiceNeverImportsAnotherService(String service) {
        String[] others = SERVICES.stream()
                .filter(other -> !other.equals(service))
                .map(other -> "dev.assay." + other + "..")
                .toArray(String[]::new);
        // the contracts of every capability lie beside one another, in packages that end in v1
        noClasses()
                .that()
                .resideInAPackage("dev.assay." + service + "..")
                .should()
                .dependOnClassesThat(resideInAnyPackage(others).and(DescribedPredicate.not(resideInAPackage("..v1.."))))
                .check(product);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "computation",
                "onnx",
                "runtime",
                "autodiff",
                "statistics",
                "data",
                "perturbation",
                "report",
                "loading",
                "training",
                "attack"
            })
    void aCoreKnowsNoFramework(String core) {
        noClasses()
                .that()
                .resideInAPackage("dev.assay." + core + "..")
                .and()
                .resideOutsideOfPackages("..service..", "..v1..")
                .should()
                .dependOnClassesThat(FRAMEWORK_TYPES)
                .check(product);
    }

    @Test
    void nothingImportsTheGateway() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.assay.gateway..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.assay.gateway..")
                .check(product);
    }

    @Test
    void theContractsKnowOnlyProblems() {
        classes()
                .that()
                .resideInAnyPackage("dev.assay.contract..", "dev.assay..v1..")
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                        "dev.assay.contract..",
                        "dev.assay..v1..",
                        "dev.assay.computation..",
                        "java..",
                        "com.google..",
                        "build.buf.."))
                .check(product);
    }

    @Test
    void nothingLoadsNativeOperatorsThatAModelMayBring() {
        noClasses()
                .should()
                .callMethodWhere(target(nameMatching("registerCustomOp.*")))
                .check(product);
    }

    /// The order of dependence inside the foundation; each may know those before it.
    @Test
    void theFoundationDependsOneWay() {
        List<String> order = List.of(
                "computation", "onnx", "runtime", "autodiff", "statistics", "data", "perturbation", "report", "worker");
        for (int i = 0; i < order.size(); i++) {
            String[] later = order.subList(i + 1, order.size()).stream()
                    .map(name -> "dev.assay." + name + "..")
                    .toArray(String[]::new);
            if (later.length > 0) {
                noClasses()
                        .that()
                        .resideInAPackage("dev.assay." + order.get(i) + "..")
                        .should()
                        .dependOnClassesThat(resideInAnyPackage(later))
                        .check(product);
            }
        }
    }
}
