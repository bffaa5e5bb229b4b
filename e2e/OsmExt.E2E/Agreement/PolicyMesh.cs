using static OsmExt.E2E.Manifests;

namespace OsmExt.E2E.Agreement;

/// <summary>What does not change while policies do: namespaces, pods and services, and a pod that is asked whether a policy is in force.</summary>
internal static class PolicyMesh
{
    public static string[] Objects(string version) =>
    [
        Manifests.Namespace(RandomPolicy.Namespace), Manifests.Namespace("outside", meshed: false),
        .. RandomPolicy.Clients.Append("asker").Select((client, index) => Client(RandomPolicy.Namespace, client, $"10.244.1.{index + 10}", version)),
        .. RandomPolicy.Servers.Select((server, index) => Server(RandomPolicy.Namespace, server, Address(index), "echo", version)),
        Server(RandomPolicy.Namespace, "marker", "10.244.1.40", "marker", version),
        Client("outside", "stranger", "10.244.2.1"),
        .. RandomPolicy.Servers.Select((server, index) => Service(RandomPolicy.Namespace, server, ServiceAddress(server), $"version: {server}", (server, Address(index)))),
        Service(RandomPolicy.Namespace, "all", ServiceAddress("all"), "app: echo", [.. RandomPolicy.Servers.Select((server, index) => (server, Address(index)))]),
        Service(RandomPolicy.Namespace, "marker", ServiceAddress("marker"), "app: marker", ("marker", "10.244.1.40")),
    ];

    /// <summary>The cluster address of a service.</summary>
    public static string ServiceAddress(string service) => $"10.96.1.{service switch
    {
        "all" => 10,
        "marker" => 11,
        _ => Array.IndexOf(RandomPolicy.Servers, service) + 1,
    }}";

    private static string Address(int server) => $"10.244.1.{server + 20}";
}
