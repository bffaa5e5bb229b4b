using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Printing;

/// <summary>What is said of a service and its endpoints in a row.</summary>
internal static class ServiceText
{
    public static string External(JsonObject service)
    {
        var spec = service.Object("spec") ?? [];
        var given = service.Object("status")?.Object("loadBalancer")?.Objects("ingress").Select(ingress => ingress.Text("ip") ?? ingress.Text("hostname") ?? "") ?? [];
        string[] external = [.. spec.Texts("externalIPs"), .. given];
        return spec.Text("type") switch
        {
            "ExternalName" => spec.Text("externalName") ?? "<none>",
            "LoadBalancer" when external is [] => "<pending>",
            _ => external is [] ? "<none>" : string.Join(',', external),
        };
    }

    public static string Ports(JsonObject service)
    {
        var ports = (service.Object("spec")?.Objects("ports") ?? [])
            .Select(port => port["nodePort"] is { } node ? $"{port["port"]}:{node}/{port.Text("protocol")}" : $"{port["port"]}/{port.Text("protocol")}");
        return string.Join(',', ports) is { Length: > 0 } text ? text : "<none>";
    }

    public static string Endpoints(JsonObject endpoints)
    {
        var all = endpoints.Objects("subsets").SelectMany(subset => subset.Objects("addresses")
            .SelectMany(address => subset.Objects("ports").Select(port => $"{address.Text("ip")}:{port["port"]}"))).ToList();
        return all is [] ? "<none>" : BuiltInColumns.List(all);
    }
}
