using System.Text.RegularExpressions;
using k8s.Models;

namespace OsmExt.Node.Volumes;

/// <summary>What the downward API tells of a pod.</summary>
internal static partial class PodFields
{
    public static string Of(V1Pod pod, string path, string node, string nodeAddress) => path switch
    {
        "metadata.name" => pod.Metadata.Name,
        "metadata.namespace" => pod.Metadata.NamespaceProperty,
        "metadata.uid" => pod.Metadata.Uid,
        "metadata.labels" => Lines(pod.Metadata.Labels),
        "metadata.annotations" => Lines(pod.Metadata.Annotations),
        "spec.nodeName" => node,
        "spec.serviceAccountName" => pod.Spec.ServiceAccountName ?? "default",
        "status.hostIP" or "status.hostIPs" => nodeAddress,
        "status.podIP" => pod.Status?.PodIP ?? "",
        "status.podIPs" => string.Join(',', pod.Status?.PodIPs?.Select(address => address.Ip) ?? []),
        _ when Entry().Match(path) is { Success: true } match
            => ((match.Groups[1].Value == "labels" ? pod.Metadata.Labels : pod.Metadata.Annotations)?.TryGetValue(match.Groups[2].Value, out var value) ?? false) ? value : "",
        _ => throw new InvalidOperationException($"A pod has no field '{path}' to tell."),
    };

    private static string Lines(IDictionary<string, string>? entries)
        => string.Concat((entries ?? new Dictionary<string, string>()).OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key}=\"{entry.Value}\"\n"));

    [GeneratedRegex(@"^metadata\.(labels|annotations)\['([^']+)'\]$")]
    private static partial Regex Entry();
}
