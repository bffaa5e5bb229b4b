using System.Collections.Immutable;
using System.Globalization;
using System.Net;

namespace OsmExt.Simulation.Meshes;

/// <summary>A request as people write it: from whom, to which host and port, and what is in it.</summary>
/// <param name="From"><c>NAMESPACE/POD</c>, or an address outside the mesh.</param>
/// <param name="Host">A service's name in any of its forms, or an address.</param>
/// <param name="Port">The port dialled.</param>
internal sealed record RequestText(string From, string Host, int Port)
{
    private const int SourcePort = 40_000;

    public SimulatedProtocol Protocol { get; init; }

    /// <summary>Whether the client itself begins with TLS.</summary>
    public bool Tls { get; init; }

    /// <summary>The server it asks for there, empty for none; the host when it is null, unless that is an address.</summary>
    public string? ServerName { get; init; }

    /// <summary>The names, DNS names and URIs, in the certificate that it shows there; none when it has no certificate.</summary>
    public ImmutableArray<string> Certificate { get; init; } = [];

    /// <summary>The method; POST for gRPC and GET otherwise when it is null.</summary>
    public string? Method { get; init; }

    public string Path { get; init; } = "/";

    public ImmutableArray<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>What authorization servers are taken to answer.</summary>
    public AuthorizerAnswer Authorizer { get; init; }

    /// <summary>Decides it in a mesh.</summary>
    /// <returns>The decision, or null with a problem when the client cannot be found.</returns>
    public Decision? Decide(SimulatedMesh mesh, out string problem)
    {
        problem = "";
        var pod = mesh.Find(From);
        if (pod is null && !IPAddress.TryParse(From, out _))
        {
            problem = From.Contains('/', StringComparison.Ordinal)
                ? $"there is no pod {From}" : $"\"{From}\" is neither NAMESPACE/POD nor an address";
            return null;
        }

        var addresses = pod is not null && string.Equals(Host, pod.Hostname, StringComparison.OrdinalIgnoreCase)
            ? pod.Addresses : mesh.Resolve(Host, Port, pod?.Namespace ?? "");
        if (addresses.Count == 0)
        {
            return new(Verdict.Deny, null, $"the name {Host} has no address: its service is headless and has no endpoints")
            {
                Path = [new("network", "name", Host, "has no address")],
            };
        }

        var source = pod is null ? IPAddress.Parse(From)
            : pod.Addresses.FirstOrDefault(address => address.AddressFamily == addresses[0].AddressFamily) ?? IPAddress.Any;
        var destination = addresses.FirstOrDefault(address => address.AddressFamily == source.AddressFamily) ?? addresses[0];
        if (pod is { Proxy: not null } && pod.Addresses.Contains(destination))
        {
            return OfItself(pod);
        }

        return mesh.Simulator.Decide(new(new(source, SourcePort), new(destination, Port))
        {
            SourceProxy = pod?.Proxy,
            Protocol = Protocol,
            Authorizer = Authorizer,
            Tls = Tls ? new(ByteText.Of(ServerName ?? (IPAddress.TryParse(Host, out _) ? "" : Host)), Protocol == SimulatedProtocol.Http ? ["http/1.1"] : [], Shown()) : null,
            Method = ByteText.Of(Method ?? (Protocol == SimulatedProtocol.Grpc ? "POST" : "GET")),
            Authority = ByteText.Of(Headers.FirstOrDefault(header => IsHost(header.Name)).Value ?? DefaultAuthority()),
            Path = ByteText.Of(Path),
            Headers = [.. Headers.Where(header => !IsHost(header.Name)).Select(header => (ByteText.Of(header.Name), ByteText.Of(header.Value)))],
        });
    }

    private PeerCertificate? Shown() => Certificate.IsEmpty ? null
        : new([.. Certificate.Where(name => name.Contains("://", StringComparison.Ordinal))], [.. Certificate.Where(name => !name.Contains("://", StringComparison.Ordinal))]);

    // It stays on the loopback interface, where only what proxies send is intercepted.
    private Decision OfItself(SimulatedPod pod)
    {
        Step step = new("network", "receiver", pod.ToString(), "the client itself, past its proxy");
        Reply reply = new(Protocol == SimulatedProtocol.Tcp ? null : 200, "a pod reaches itself without its proxy");
        return Decision.Of([new(1, pod.ToString(), true, reply, [step])]);
    }

    private static bool IsHost(string header)
        => header.Equals("host", StringComparison.OrdinalIgnoreCase) || header.Equals(":authority", StringComparison.OrdinalIgnoreCase);

    // What clients write on their own: the port only where it is not the protocol's own.
    private string DefaultAuthority() => Port == (Tls ? 443 : 80) ? Host : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");
}
