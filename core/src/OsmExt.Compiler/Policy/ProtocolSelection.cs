using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Policy;

/// <summary>
/// How a service port is carried: its appProtocol, else its name's prefix, else HTTP. A port of another transport than TCP is
/// not carried at all.
/// </summary>
internal static class ProtocolSelection
{
    // tcp-server-first- begins with tcp-, so it is tried before it.
    private static readonly AppProtocol[] ByPrefix = [AppProtocol.TcpServerFirst, AppProtocol.Http, AppProtocol.Tcp, AppProtocol.Grpc];

    public static AppProtocol? Of(Service service, ServicePort port, int index, DiagnosticBag diagnostics)
    {
        if (!string.Equals(port.Transport, "TCP", StringComparison.Ordinal))
        {
            return null;
        }

        if (port.AppProtocol.Length == 0)
        {
            return FromName(port.Name) ?? AppProtocol.Http;
        }

        if (AppProtocols.TryParse(port.AppProtocol) is { } protocol)
        {
            return protocol;
        }

        diagnostics.Warning(DiagnosticCodes.UnsupportedProtocol, service, $"spec.ports[{index}].appProtocol",
            $"the mesh does not carry \"{port.AppProtocol}\", so port {port.Port} is left out",
            "Use http, h2c, grpc, tcp or tcp-server-first; TLS that the application itself ends is tcp");
        return null;
    }

    private static AppProtocol? FromName(string name)
    {
        foreach (var protocol in ByPrefix)
        {
            if (name.StartsWith(protocol.Name() + "-", StringComparison.Ordinal))
            {
                return protocol;
            }
        }

        return null;
    }
}
