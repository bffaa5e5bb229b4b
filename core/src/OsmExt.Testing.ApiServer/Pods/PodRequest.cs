using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace OsmExt.Testing.ApiServer.Pods;

/// <summary>A request that goes through the API server to a pod: <c>portforward</c> or <c>log</c>.</summary>
internal sealed record PodRequest(string Verb, string Namespace, string Pod, string Subresource)
{
    /// <summary>Reads it; null when it is none.</summary>
    public static PodRequest? Read(HttpRequest request)
        => request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries) is ["api", "v1", "namespaces", var ns, "pods", var pod, var below] && (below is "portforward" or "log")
            ? new(HttpMethods.IsGet(request.Method) ? "get" : "create", ns, pod, below) : null;

    /// <summary>The ports it asks for; null when they are none.</summary>
    public static IReadOnlyList<ushort>? Ports(HttpRequest request)
    {
        var ports = new List<ushort>();
        foreach (var text in request.Query["ports"].SelectMany(list => (list ?? "").Split(',')))
        {
            if (!ushort.TryParse(text, CultureInfo.InvariantCulture, out var port) || port == 0)
            {
                return null;
            }

            ports.Add(port);
        }

        return ports.Count == 0 ? null : ports;
    }
}
