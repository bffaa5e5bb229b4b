using Envoy.Config.Core.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using OsmExt.Sdk.Ir;

namespace OsmExt.Compiler.Translation;

/// <summary>Mutual TLS between proxies; certificates and trust come over SDS.</summary>
internal static class TlsContexts
{
    private const string SocketName = "envoy.transport_sockets.tls";

    public static TransportSocket Upstream(ScopeView view, MeshService service)
    {
        var common = Common(view, Names.OutboundTrust(service.Name));
        common.AlpnProtocols.Add(Names.InMeshAlpn);
        return Socket(new UpstreamTlsContext { CommonTlsContext = common, Sni = service.Name.Fqdn });
    }

    // The server matches the client's ALPN offer in its chain but must not select it: a negotiated "osm" would make Envoy read
    // HTTP/2 as HTTP/1.1.
    public static TransportSocket Downstream(ScopeView view, string trust)
        => Socket(new DownstreamTlsContext { CommonTlsContext = Common(view, trust), RequireClientCertificate = true });

    private static TransportSocket Socket(Google.Protobuf.IMessage context) => new() { Name = SocketName, TypedConfig = Protos.Pack(context) };

    /// <summary>The TLS versions, ciphers and curves of the mesh.</summary>
    public static TlsParameters Parameters(ScopeView view)
    {
        var parameters = new TlsParameters
        {
            TlsMinimumProtocolVersion = Version(view.Settings.TlsMinVersion),
            TlsMaximumProtocolVersion = Version(view.Settings.TlsMaxVersion),
        };
        parameters.CipherSuites.AddRange(view.Settings.CipherSuites);
        parameters.EcdhCurves.AddRange(view.Settings.EcdhCurves);
        return parameters;
    }

    private static CommonTlsContext Common(ScopeView view, string trust)
        => new()
        {
            TlsParams = Parameters(view),
            TlsCertificateSdsSecretConfigs = { new SdsSecretConfig { Name = Names.ServiceCertificate(view.Scope.Identity), SdsConfig = Protos.Ads } },
            ValidationContextSdsSecretConfig = new() { Name = trust, SdsConfig = Protos.Ads },
        };

    /// <summary>Envoy's value for a version as MeshConfig spells it; anything else would have been refused when it was read.</summary>
    public static TlsParameters.Types.TlsProtocol Version(string name) => name switch
    {
        "TLS_AUTO" => TlsParameters.Types.TlsProtocol.TlsAuto,
        "TLSv1_0" => TlsParameters.Types.TlsProtocol.Tlsv10,
        "TLSv1_1" => TlsParameters.Types.TlsProtocol.Tlsv11,
        "TLSv1_2" => TlsParameters.Types.TlsProtocol.Tlsv12,
        "TLSv1_3" => TlsParameters.Types.TlsProtocol.Tlsv13,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "Not a TLS version."),
    };
}
