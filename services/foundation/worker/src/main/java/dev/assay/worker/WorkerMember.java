package dev.assay.worker;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ShareGroupDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/// A slot of a worker, as the broker knows it: a member of a queue's share group.
///
/// @param worker its name
/// @param host the address that it has for the broker
public record WorkerMember(String worker, WorkQueue queue, String host) {

    private static final Pattern CLIENT_ID = Pattern.compile("(.*)-slot-\\d+");

    static String clientId(String worker, int slot) {
        return worker + "-slot-" + slot;
    }

    /// All slots that take jobs at this moment. A worker that died is told until its session runs out.
    ///
    /// @throws dev.assay.computation.ProblemException `mesh-unavailable`
    static List<WorkerMember> all(Admin admin) {
        Map<String, WorkQueue> queues =
                WorkQueue.all().stream().collect(Collectors.toMap(WorkQueue::group, Function.identity()));
        List<WorkerMember> members = new ArrayList<>();
        admin.describeShareGroups(queues.keySet())
                .describedGroups()
                .forEach((group, description) -> members.addAll(members(queues.get(group), description)));
        return members;
    }

    private static List<WorkerMember> members(WorkQueue queue, KafkaFuture<ShareGroupDescription> description) {
        var known = Topics.awaitOrEmpty(description, GroupIdNotFoundException.class);
        return known.stream()
                .flatMap(group -> group.members().stream())
                .map(member -> new WorkerMember(worker(member.clientId()), queue, member.host()))
                .toList();
    }

    private static String worker(String clientId) {
        Matcher matcher = CLIENT_ID.matcher(clientId);
        return matcher.matches() ? matcher.group(1) : clientId;
    }
}
