using System.Text.RegularExpressions;
using OsmExt.Sdk.Resources;
using OsmExt.Simulation;
using OsmExt.Simulation.Meshes;

namespace OsmExt.Compiler.Tests;

/// <summary>What SMI lets in, read from the objects in the plainest way there is: to compare with what a configuration lets in.</summary>
internal sealed class AllowedByObjects(ResourceSnapshot snapshot)
{
    /// <summary>Whether a TrafficTarget names both accounts and has a rule that the request meets.</summary>
    public bool Allows(RequestText request, string pod)
        => snapshot.All<TrafficTarget>().Any(target => Account(target.Destination) == AccountOf(pod)
            && target.Sources.Any(source => source.Kind == "ServiceAccount" && Account(source) == AccountOf(request.From))
            && target.Rules.Any(rule => Meets(request, rule, target.Metadata.Namespace)));

    private bool Meets(RequestText request, TrafficTargetRule rule, string ns)
        => request.Protocol == SimulatedProtocol.Tcp
            ? snapshot.Find<TcpRoute>(new("TCPRoute", ns, rule.Name)) is { } route && rule.Kind == "TCPRoute"
                && (route.Ports.IsEmpty || route.Ports.Contains(request.Port))
            : snapshot.Find<HttpRouteGroup>(new("HTTPRouteGroup", ns, rule.Name)) is { } group && rule.Kind == "HTTPRouteGroup"
                && group.Matches.Any(match => (rule.Matches.IsEmpty || rule.Matches.Contains(match.Name)) && Meets(request, match));

    private static bool Meets(RequestText request, HttpMatch match)
        => Matches(match.PathRegex.Length == 0 ? ".*" : match.PathRegex, request.Path.Split('?')[0])
            && (match.Methods.IsEmpty || match.Methods.Contains(request.Method!))
            && match.Headers.All(header => Matches(header.Value, ValueOf(header.Key, request)));

    private static string? ValueOf(string header, RequestText request)
        => request.Headers.Where(own => own.Name == header).Select(own => own.Value).FirstOrDefault()
            ?? (header == "host" ? $"{request.Host}:{request.Port}" : null);

    // RandomMesh writes one pattern that is none.
    private static bool Matches(string pattern, string? value) => value is not null && pattern != "/(bad" && Regex.IsMatch(value, $@"\A(?:{pattern})\z");

    private string AccountOf(string pod)
        => pod.Split('/') is [var ns, var name] ? $"{ns}/{snapshot.Find<Pod>(new(nameof(Pod), ns, name))!.ServiceAccount}" : "";

    private static string Account(IdentityReference reference) => $"{reference.Namespace}/{reference.Name}";
}
