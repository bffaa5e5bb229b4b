using Envoy.Extensions.TransportSockets.Tls.V3;
using Protocol = Envoy.Extensions.TransportSockets.Tls.V3.TlsParameters.Types.TlsProtocol;

namespace OsmExt.Simulation.Tls;

/// <summary>Ranges of TLS versions, as 10 to 13.</summary>
internal static class TlsVersions
{
    /// <summary>Of a server; Envoy's defaults are 1.2 to 1.3.</summary>
    public static (int Low, int High) Server(CommonTlsContext context) => Of(context, (12, 13));

    /// <summary>Of a client; Envoy's defaults are 1.2 to 1.2.</summary>
    public static (int Low, int High) Client(CommonTlsContext context) => Of(context, (12, 12));

    public static bool Overlap((int Low, int High) left, (int Low, int High) right) => left.Low <= right.High && right.Low <= left.High;

    private static (int Low, int High) Of(CommonTlsContext context, (int Low, int High) otherwise)
        => (Number(context.TlsParams?.TlsMinimumProtocolVersion) ?? otherwise.Low, Number(context.TlsParams?.TlsMaximumProtocolVersion)
            ?? otherwise.High);

    private static int? Number(Protocol? version) => version switch
    {
        Protocol.Tlsv10 => 10,
        Protocol.Tlsv11 => 11,
        Protocol.Tlsv12 => 12,
        Protocol.Tlsv13 => 13,
        _ => null,
    };
}
