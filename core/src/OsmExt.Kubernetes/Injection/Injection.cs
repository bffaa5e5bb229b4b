using System.Text.Json.Nodes;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;

namespace OsmExt.Kubernetes.Injection;

/// <summary>What became of a pod: it has a sidecar now, it is left as it is for a reason, or it must not be created as it is.</summary>
internal sealed record Injection
{
    private Injection(JsonObject? pod, string? reason, EquatableArray<Diagnostic> diagnostics) => (Pod, Reason, Diagnostics) = (pod, reason, diagnostics);

    /// <summary>The pod with its sidecar; null when it is left as it is or refused.</summary>
    public JsonObject? Pod { get; }

    /// <summary>Why the pod is left as it is.</summary>
    public string? Reason { get; }

    /// <summary>What is wrong with the pod; with an error it must not be created.</summary>
    public EquatableArray<Diagnostic> Diagnostics { get; }

    public bool IsRefused => Pod is null && Reason is null;

    public static Injection Into(JsonObject pod) => new(pod, null, []);

    public static Injection Skip(string reason, params Diagnostic[] warnings) => new(null, reason, [.. warnings]);

    public static Injection Refuse(IEnumerable<Diagnostic> errors) => new(null, null, [.. errors.Order()]);
}
