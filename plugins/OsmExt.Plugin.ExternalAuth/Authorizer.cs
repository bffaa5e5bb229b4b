using System.Globalization;
using System.Net;
using System.Net.Sockets;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Plugin.ExternalAuth;

/// <summary>Where an authorization server is, and how proxies call it.</summary>
/// <param name="Authority">What they call it in requests.</param>
/// <param name="Service">The service of the mesh that it is; null for a host outside.</param>
/// <param name="Host">The host outside.</param>
/// <param name="Port">Its port.</param>
internal sealed record Authorizer(string Authority, MeshService? Service, string Host, int Port)
{
    /// <summary>The server that is meant; null, with a problem, when that is no server.</summary>
    public static Authorizer? Find(BackendSpec? backend, string ownNamespace, Mesh mesh, out string problem)
    {
        problem = "";
        switch (backend)
        {
            case { Service: { } service, Host: null, Port: null }:
                return Find(new(service.Namespace is { Length: > 0 } named ? named : ownNamespace, service.Name), service.Port, mesh, out problem);
            case { Service: null, Host: { } host, Port: { } port }:
                if (Uri.CheckHostName(host) == UriHostNameType.Unknown)
                {
                    problem = $"\"{host}\" is neither a DNS name nor an address";
                    return null;
                }

                return Named(host, mesh) is { } known && mesh.Services.Any(service => service.Name == known && service.Port == port)
                    ? Find(known, port, mesh, out problem)
                    : new(Written(host, port), null, host.Trim('[', ']'), port);
            default:
                problem = "It names no authorization server, or more than one";
                return null;
        }
    }

    /// <summary>The cluster as its template needs it.</summary>
    public ConfigValue Cluster(string name) => Service is { } service
        ? ConfigValue.From(new { cluster = name, service = service.Cluster })
        : ConfigValue.From(new { cluster = name, service = (string?)null, type = IPAddress.TryParse(Host, out _) ? "STATIC" : "STRICT_DNS", host = Host, port = Port });

    private static Authorizer? Find(ServiceName name, int port, Mesh mesh, out string problem)
    {
        problem = "";
        if (mesh.Services.FirstOrDefault(service => service.Name == name && service.Port == port) is not { } found)
        {
            problem = $"The mesh has no service {name} with port {port}";
            return null;
        }

        if (found.Protocol is not (AppProtocol.Grpc or AppProtocol.Http or AppProtocol.Http2))
        {
            problem = $"Port {port} of {name} carries {found.Protocol.Name()}, and an authorization server speaks gRPC";
            return null;
        }

        return new(Written(name.Fqdn, port), found, "", port);
    }

    // The forms in which a service is called from everywhere: NAME.NAMESPACE, with or without svc and the cluster's domain.
    private static ServiceName? Named(string host, Mesh mesh)
        => mesh.Services.Select(service => service.Name).FirstOrDefault(name => name.Subdomain.Length == 0
            && (host == name.Fqdn || host == $"{name.Name}.{name.Namespace}" || host == $"{name.Name}.{name.Namespace}.svc"));

    private static string Written(string host, int port)
        => IPAddress.TryParse(host.Trim('[', ']'), out var address) && address.AddressFamily == AddressFamily.InterNetworkV6
            ? string.Create(CultureInfo.InvariantCulture, $"[{address}]:{port}") : string.Create(CultureInfo.InvariantCulture, $"{host}:{port}");
}
