using OsmExt.Simulation;
using OsmExt.Simulation.Meshes;

namespace OsmExt.Cli.Comparison;

/// <summary>What a request asks, in a line; whom it asks is said elsewhere.</summary>
internal static class RequestLine
{
    public static string Of(RequestText request) => request.Protocol == SimulatedProtocol.Tcp ? "a connection"
        : string.Concat(request.Headers.Select(header => $"  {header.Name}: {header.Value}").Prepend($"{request.Method} {request.Path}"));
}
