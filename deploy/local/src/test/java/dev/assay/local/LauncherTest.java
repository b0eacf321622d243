package dev.assay.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs the launcher script itself, in a checkout of its own with JDKs that only say which they are.
class LauncherTest {

    /// Where the script finds sed, find and the like, without any java.
    private static final List<String> TOOLS = List.of(
            "sh",
            "sed",
            "find",
            "dirname",
            "readlink",
            "head",
            "grep",
            "date",
            "touch",
            "mkdir",
            "rm",
            "sleep",
            "tail",
            "cat",
            "awk",
            "sort");

    @TempDir
    Path folder;

    private Path checkout;
    private Path tools;
    private Path jdks;

    private record Answer(int code, String text) {}

    @BeforeEach
    void makeACheckoutWithASpaceInItsName() throws IOException {
        checkout = Files.createDirectories(folder.resolve("the checkout"));
        Files.copy(Path.of(System.getProperty("assay.checkout"), "assay"), checkout.resolve("assay"));
        checkout.resolve("assay").toFile().setExecutable(true);
        touch("deploy/local/target/assay-local.jar");
        touch("gateway/cli/target/assay-cli.jar");
        jdks = Files.createDirectories(folder.resolve("jdks"));
        tools = Files.createDirectories(folder.resolve("tools"));
        for (String tool : TOOLS) {
            for (String bin : List.of("/bin", "/usr/bin")) {
                if (Files.exists(Path.of(bin, tool)) && !Files.exists(tools.resolve(tool))) {
                    program(tools.resolve(tool), "exec " + bin + "/" + tool + " \"$@\"");
                }
            }
        }
    }

    @Test
    void findsANewEnoughJdkEvenWhenAnOlderJavaComesFirst() throws Exception {
        Path old = jdk("old", "17.0.2");
        jdk("jdks/a-very-old-one", "1.8.0_392");
        jdk("jdks/right", "25.0.1");
        Answer answer = run(Map.of("PATH", old.resolve("bin") + ":" + tools, "JAVA_HOME", old.toString()), "status");
        assertThat(answer.code()).isZero();
        assertThat(answer.text()).contains("java of jdks/right", "assay-local.jar status");
    }

    @Test
    void prefersJavaHomeThenThePath() throws Exception {
        Path home = jdk("home", "26");
        Path path = jdk("path", "25.0.3");
        jdk("jdks/other", "25.0.1");
        String search = path.resolve("bin") + ":" + tools;
        assertThat(run(Map.of("PATH", search, "JAVA_HOME", home.toString()), "status")
                        .text())
                .contains("java of home");
        assertThat(run(Map.of("PATH", search), "status").text()).contains("java of path");
    }

    @Test
    void followsALinkOnThePathToItsJdk() throws Exception {
        Path jdk = jdk("somewhere", "25");
        Files.createSymbolicLink(tools.resolve("java"), jdk.resolve("bin/java"));
        assertThat(run(Map.of("PATH", tools.toString()), "status").text()).contains("java of somewhere");
    }

    @Test
    void aRuntimeWithoutACompilerIsNoJdk() throws Exception {
        Path runtime = jdk("runtime", "25");
        Files.delete(runtime.resolve("bin/javac"));
        assertThat(run(Map.of("PATH", tools.toString(), "JAVA_HOME", runtime.toString()), "status")
                        .code())
                .isEqualTo(2);
    }

    @Test
    void saysInOneLineWhatToInstallWhenThereIsNoJdk() throws Exception {
        Path old = jdk("old", "21.0.2");
        Answer answer = run(Map.of("PATH", old.resolve("bin") + ":" + tools), "demo");
        assertThat(answer.code()).isEqualTo(2);
        assertThat(answer.text().lines()).singleElement().asString().contains("no JDK 25", "install", "JAVA_HOME");
    }

    @Test
    void findsItsCheckoutThroughLinks() throws Exception {
        Path home = jdk("home", "25");
        Path link = Files.createSymbolicLink(folder.resolve("link"), checkout.resolve("assay"));
        Path second = Files.createSymbolicLink(folder.resolve("second"), Path.of("link"));
        Answer answer = run(second, Map.of("PATH", tools.toString(), "JAVA_HOME", home.toString()), "status");
        assertThat(answer.text()).contains("assay.checkout=" + checkout.toRealPath());
        assertThat(link).exists();
    }

    @Test
    void handsEveryOtherVerbToTheCommandLine() throws Exception {
        Path home = jdk("home", "25");
        Answer answer = run(
                Map.of("PATH", tools.toString(), "JAVA_HOME", home.toString()), "attack", "evaluate", "--data", "a b");
        assertThat(answer.text())
                .contains("assay.checkout=" + checkout.toRealPath(), "assay-cli.jar attack evaluate --data a b");
    }

    @Test
    void asksTheCommandLineForTheHelpOfACommand() throws Exception {
        Path home = jdk("home", "25");
        var environment = Map.of("PATH", tools.toString(), "JAVA_HOME", home.toString());
        assertThat(run(environment, "help", "attack", "evaluate").text())
                .contains("assay-cli.jar help attack evaluate");
        assertThat(run(environment, "help").text()).contains("./assay demo").doesNotContain("assay-cli.jar");
        assertThat(run(environment, "help", "up").text())
                .contains("./assay up [--port-base N]")
                .doesNotContain("assay-cli.jar");
    }

    @Test
    void buildsOnlyWhenSomethingThatIsBuiltChanged() throws Exception {
        Path home = jdk("home", "25");
        var environment = Map.of("PATH", tools.toString(), "JAVA_HOME", home.toString());
        program(checkout.resolve("mvnw"), "echo maven \"$@\" >>\"$(dirname \"$0\")/maven.txt\"");
        Path source = touch("services/attack/src/main/java/Attack.java");

        assertThat(run(environment, "build", "--no-aot").text()).contains("Built in");
        assertThat(run(environment, "build", "--no-aot").text()).contains("Nothing changed");
        touch("services/attack/src/test/java/AttackTest.java");
        touch("services/attack/target/src/main/Generated.java");
        assertThat(run(environment, "build", "--no-aot").text()).contains("Nothing changed");
        Thread.sleep(1100); // the clock of some file systems ticks in seconds
        Files.delete(source);
        assertThat(run(environment, "build", "--no-aot").text()).contains("Built in");
        assertThat(Files.readAllLines(checkout.resolve("maven.txt"))).hasSize(2);
    }

    @Test
    void doesNotBuildUnderARunningMesh() throws Exception {
        Path home = jdk("home", "25");
        Files.createDirectories(checkout.resolve(".assay/run"));
        Files.writeString(
                checkout.resolve(".assay/run/mesh.properties"),
                "supervisor.pid=" + ProcessHandle.current().pid() + "\n");
        Answer answer = run(Map.of("PATH", tools.toString(), "JAVA_HOME", home.toString()), "build");
        assertThat(answer.code()).isEqualTo(2);
        assertThat(answer.text()).contains("./assay down");
    }

    @Test
    void anUnbuiltCheckoutHasNoMesh() throws Exception {
        Path home = jdk("home", "25");
        Files.delete(checkout.resolve("deploy/local/target/assay-local.jar"));
        var environment = Map.of("PATH", tools.toString(), "JAVA_HOME", home.toString());
        assertThat(run(environment, "down").code()).isZero();
        assertThat(run(environment, "status").code()).isEqualTo(1);
    }

    private Path touch(String path) throws IOException {
        Path file = checkout.resolve(path);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, "");
    }

    /// A folder that looks like a JDK; its java prints its name and what it was asked.
    private Path jdk(String name, String version) throws IOException {
        Path jdk = folder.resolve(name);
        Files.createDirectories(jdk.resolve("bin"));
        Files.writeString(jdk.resolve("release"), "IMPLEMENTOR=\"Test\"\nJAVA_VERSION=\"" + version + "\"\n");
        for (String program : List.of("java", "javac")) {
            program(jdk.resolve("bin").resolve(program), "echo \"java of " + name + ": $*\"");
        }
        return jdk;
    }

    private static void program(Path file, String script) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        file.toFile().setExecutable(true);
    }

    private Answer run(Map<String, String> environment, String... words) throws Exception {
        return run(checkout.resolve("assay"), environment, words);
    }

    private Answer run(Path script, Map<String, String> environment, String... words) throws Exception {
        var command = new ArrayList<>(List.of(script.toString()));
        command.addAll(List.of(words));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(environment);
        builder.environment().put("ASSAY_JDK_FOLDERS", jdks.toString());
        Process process = builder.start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Answer(process.waitFor(), text);
    }
}
