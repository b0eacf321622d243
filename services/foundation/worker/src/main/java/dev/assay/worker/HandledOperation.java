package dev.assay.worker;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Internal;
import com.google.protobuf.Message;
import dev.assay.contract.Operation;
import dev.assay.contract.Operations;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Optional;

/// Finds the operation of a handler by the `Q` in its `implements JobHandler<Q, R>`, also through subclasses,
/// which a container may make of it.
final class HandledOperation {

    private HandledOperation() {}

    static Operation of(Class<?> handler) {
        for (Class<?> type = handler; type != null; type = type.getSuperclass()) {
            Optional<Operation> operation = declaredBy(type);
            if (operation.isPresent()) {
                return operation.get();
            }
        }
        throw new IllegalStateException(handler.getName()
                + " must say 'implements JobHandler<Q, R>' where Q is the request of an operation, such as"
                + " EvaluateRequest; a lambda cannot");
    }

    private static Optional<Operation> declaredBy(Class<?> type) {
        for (Type declared : type.getGenericInterfaces()) {
            if (declared instanceof ParameterizedType parameterized
                    && parameterized.getRawType() == JobHandler.class
                    && parameterized.getActualTypeArguments()[0] instanceof Class<?> request) {
                return Operations.ofRequest(descriptor(request.asSubclass(Message.class)));
            }
        }
        return Optional.empty();
    }

    private static Descriptor descriptor(Class<? extends Message> request) {
        return Internal.getDefaultInstance(request).getDescriptorForType();
    }
}
