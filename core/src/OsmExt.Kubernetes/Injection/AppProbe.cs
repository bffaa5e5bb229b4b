using System.Text.Json;
using System.Text.Json.Serialization;

namespace OsmExt.Kubernetes.Injection;

/// <summary>
/// What the kubelet was to ask of a container, before it was told to ask the sidecar instead. Travels to the sidecar in its environment, which
/// nobody changes once the pod is there.
/// </summary>
/// <param name="Container">The container's name.</param>
/// <param name="Kind"><c>liveness</c>, <c>readiness</c>, <c>startup</c>; or <c>poststart</c>, <c>prestop</c>: what is called once, by HTTP.</param>
/// <param name="Protocol"><c>http</c>, <c>https</c>, <c>tcp</c> or <c>grpc</c>.</param>
/// <param name="Port">Where.</param>
/// <param name="Path">Path and query, for HTTP.</param>
/// <param name="Service">The service that is asked about, for gRPC.</param>
/// <param name="TimeoutSeconds">How long an answer may take; 0 for as long as it takes.</param>
/// <param name="PeriodSeconds">How often the kubelet asks.</param>
internal sealed record AppProbe(
    string Container, string Kind, string Protocol, int Port,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Path,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Service,
    int TimeoutSeconds, int PeriodSeconds)
{
    public static string Write(IEnumerable<AppProbe> probes) => JsonSerializer.Serialize(probes.ToArray(), ProbeJson.Default.AppProbeArray);

    /// <exception cref="JsonException">Not what was written.</exception>
    public static IReadOnlyList<AppProbe> Read(string text) => text.Length == 0 ? [] : JsonSerializer.Deserialize(text, ProbeJson.Default.AppProbeArray) ?? [];
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AppProbe[]))]
internal sealed partial class ProbeJson : JsonSerializerContext;
