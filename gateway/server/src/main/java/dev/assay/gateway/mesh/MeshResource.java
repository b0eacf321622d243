package dev.assay.gateway.mesh;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import dev.assay.computation.ProblemException;
import dev.assay.contract.Json;
import dev.assay.job.v1.Job;
import dev.assay.job.v1.MeshOverview;
import dev.assay.job.v1.QueueOverview;
import dev.assay.job.v1.WorkerOverview;
import dev.assay.worker.WorkQueue;
import dev.assay.worker.WorkerMember;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/// Queues and workers at this moment, and the order that stops a worker. Counts the jobs of all tenants and names none.
@Path("/v1")
public class MeshResource {

    /// A worker is told once for each capability, however many of its queues it takes jobs from.
    private record Crew(String worker, String capability, String host) {
        static Crew of(WorkerMember member) {
            return new Crew(member.worker(), member.queue().capability(), member.host());
        }
    }

    private final MeshConnection mesh;

    @Inject
    MeshResource(MeshConnection mesh) {
        this.mesh = mesh;
    }

    @GET
    @Path("/mesh")
    @Produces(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    public String overview() {
        List<Job> jobs = mesh.active().all();
        List<WorkerMember> members = mesh.members();
        MeshOverview.Builder overview = MeshOverview.newBuilder();
        WorkQueue.all().forEach(queue -> overview.addQueues(queue(queue, jobs, members)));
        members.stream()
                .map(Crew::of)
                .distinct()
                .sorted((a, b) -> a.worker().compareTo(b.worker()))
                .forEach(crew -> overview.addWorkers(worker(crew, jobs, members)));
        return Json.print(overview.build());
    }

    @POST
    @Path("/workers/{name}/drain")
    @RunOnVirtualThread
    public Response drain(@PathParam("name") String name) {
        List<String> workers = mesh.members().stream()
                .map(WorkerMember::worker)
                .distinct()
                .sorted()
                .toList();
        if (!workers.contains(name)) {
            throw new ProblemException(
                    "worker-not-found",
                    name,
                    "no worker '" + name + "' takes jobs",
                    "the workers are " + String.join(", ", workers));
        }
        mesh.control().drain(name);
        return Response.accepted().build();
    }

    private static QueueOverview queue(WorkQueue queue, List<Job> jobs, List<WorkerMember> members) {
        List<Job> own = jobs.stream().filter(queue::holds).toList();
        Map<Job.State, Long> counts = own.stream().collect(groupingBy(Job::getState, counting()));
        return QueueOverview.newBuilder()
                .setCapability(queue.capability())
                .setDevice(queue.device())
                .setQueued(counts.getOrDefault(Job.State.QUEUED, 0L).intValue())
                .setRunning(counts.getOrDefault(Job.State.RUNNING, 0L).intValue())
                .setOldestSeconds(ActiveJobs.longestWait(own.stream(), Instant.now()))
                .setSlots((int) members.stream()
                        .filter(member -> member.queue().equals(queue))
                        .count())
                .build();
    }

    private static WorkerOverview worker(Crew crew, List<Job> jobs, List<WorkerMember> members) {
        Map<WorkQueue, Long> slots = members.stream()
                .filter(member -> Crew.of(member).equals(crew))
                .collect(groupingBy(WorkerMember::queue, counting()));
        long running = jobs.stream()
                .filter(job -> job.getState() == Job.State.RUNNING)
                .filter(job -> job.getCapability().equals(crew.capability()))
                .filter(job -> job.getWorker().equals(crew.worker()))
                .count();
        return WorkerOverview.newBuilder()
                .setName(crew.worker())
                .setCapability(crew.capability())
                .setHost(crew.host())
                .setSlots(slots.values().stream().mapToInt(Long::intValue).max().orElse(0))
                .setRunning((int) running)
                .build();
    }
}
