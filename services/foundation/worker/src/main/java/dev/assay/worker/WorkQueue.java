package dev.assay.worker;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.assay.contract.Operation;
import dev.assay.contract.Operations;
import dev.assay.job.v1.Job;
import java.util.List;
import java.util.stream.Stream;

/// The waiting jobs of a capability that may run on the same devices. A queue is a topic with one partition and the
/// share group that takes from it; a worker takes from one queue or from several.
///
/// @param device the kind of device that its jobs insist on: `cuda`; empty: any
public record WorkQueue(String capability, String device) {

    /// What a request's `device` begins with when only a GPU will do.
    public static final String CUDA = "cuda";

    private static final String DEVICE_FIELD = "device";

    /// The queue of the jobs of a capability that run on any device.
    public static WorkQueue of(String capability) {
        return new WorkQueue(capability, "");
    }

    static WorkQueue of(Job job) {
        return new WorkQueue(job.getCapability(), job.getDevice());
    }

    /// Every queue of this version of the product.
    public static List<WorkQueue> all() {
        return Operations.everyCapability().stream()
                .flatMap(WorkQueue::queuesOf)
                .toList();
    }

    /// The kind of device that a request insists on; empty: any.
    public static String deviceOf(Message request) {
        FieldDescriptor device = request.getDescriptorForType().findFieldByName(DEVICE_FIELD);
        boolean insists = device != null && request.getField(device).toString().startsWith(CUDA);
        return insists ? CUDA : "";
    }

    /// Whether this is the job's queue.
    public boolean holds(Job job) {
        return equals(of(job));
    }

    public String topic() {
        return "assay.jobs." + name();
    }

    public String group() {
        return "assay." + name();
    }

    private String name() {
        return device.isEmpty() ? capability : capability + "." + device;
    }

    private static Stream<WorkQueue> queuesOf(String capability) {
        boolean knowsDevices = Operations.of(capability).stream().anyMatch(WorkQueue::hasDevice);
        WorkQueue any = of(capability);
        return knowsDevices ? Stream.of(any, new WorkQueue(capability, CUDA)) : Stream.of(any);
    }

    private static boolean hasDevice(Operation operation) {
        return operation.request().findFieldByName(DEVICE_FIELD) != null;
    }
}
