using System.Net.Security;
using OsmExt.DataPlane.Tls;
using Prometheus;

namespace OsmExt.DataPlane.Observation.Statistics;

/// <summary>Handshakes of a listener or of a cluster, and why they failed. Why a peer was refused is counted as that, and not as an error of the connection, as in Envoy.</summary>
internal sealed class TlsCounts(TlsFamilies families, string name)
{
    private readonly Counter.Child _handshakes = families.Handshakes.WithLabels(name);
    private readonly Counter.Child _errors = families.Errors.WithLabels(name);
    private readonly Counter.Child _anonymous = families.Anonymous.WithLabels(name);
    private readonly Counter.Child _noCertificate = families.NoCertificate.WithLabels(name);
    private readonly Counter.Child _untrusted = families.Untrusted.WithLabels(name);
    private readonly Counter.Child _misnamed = families.Misnamed.WithLabels(name);

    public void Succeeded(SslStream tls, bool anonymous)
    {
        _handshakes.Inc();
        if (anonymous)
        {
            _anonymous.Inc();
        }

        families.Versions.WithLabels(name, TlsSettings.NameOf(tls.SslProtocol)).Inc();
        families.Ciphers.WithLabels(name, TlsSettings.NameOf(tls.NegotiatedCipherSuite)).Inc();
    }

    /// <param name="refusal">Why the peer was refused; null when it was not for that.</param>
    public void Failed(PeerRefusal? refusal) => (refusal switch
    {
        PeerRefusal.NoCertificate => _noCertificate,
        PeerRefusal.Untrusted => _untrusted,
        PeerRefusal.Misnamed => _misnamed,
        _ => _errors,
    }).Inc();
}

/// <summary>The statistics of handshakes.</summary>
/// <param name="set">Whose.</param>
/// <param name="cipher">The label that cipher suites have, which is not the same for listeners and clusters.</param>
internal sealed class TlsFamilies(FamilySet set, string cipher)
{
    public Counter Handshakes { get; } = set.Counter("ssl.handshake");

    public Counter Errors { get; } = set.Counter("ssl.connection_error");

    public Counter Anonymous { get; } = set.Counter("ssl.no_certificate");

    public Counter NoCertificate { get; } = set.Counter("ssl.fail_verify_no_cert");

    public Counter Untrusted { get; } = set.Counter("ssl.fail_verify_error");

    public Counter Misnamed { get; } = set.Counter("ssl.fail_verify_san");

    public Counter Versions { get; } = set.CounterOf("ssl.versions", "envoy_ssl_version");

    public Counter Ciphers { get; } = set.CounterOf("ssl.ciphers", cipher);
}
