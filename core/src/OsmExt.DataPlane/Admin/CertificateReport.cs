using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Envoy.Admin.V3;
using Envoy.Config.Core.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Google.Protobuf.WellKnownTypes;
using OsmExt.DataPlane.Tls;
using OsmExt.DataPlane.Discovery;
using OsmExt.Envoy;
using OsmExt.Simulation.Tls;

namespace OsmExt.DataPlane.Admin;

/// <summary>The certificates a sidecar has from the control plane: whose, and until when. Keys are not looked at.</summary>
internal static class CertificateReport
{
    /// <summary>One entry for each secret, as <c>/certs</c> shows them.</summary>
    public static Certificates Of(Inventory inventory, DateTimeOffset now)
    {
        var report = new Certificates();
        foreach (var (name, secret) in Secrets(inventory))
        {
            var entry = new Certificate();
            entry.CertChain.AddRange(Details(secret.TlsCertificate?.CertificateChain, name, now));
            entry.CaCert.AddRange(Details(secret.ValidationContext?.TrustedCa, name, now));
            report.Certificates_.Add(entry);
        }

        return report;
    }

    /// <summary>Days until the first of its own certificates ends; 0 when one has.</summary>
    public static int DaysUntilFirstExpiry(Inventory inventory, DateTimeOffset now)
        => (int)Math.Min(int.MaxValue, Of(inventory, now).Certificates_.SelectMany(entry => entry.CertChain).Select(details => details.DaysUntilExpiration)
            .DefaultIfEmpty((ulong)int.MaxValue).Min());

    /// <summary>The certificates of a secret that are not valid at a moment, in words.</summary>
    public static IEnumerable<string> Invalid(Secret secret, DateTimeOffset now)
    {
        foreach (var certificate in Read(secret.TlsCertificate?.CertificateChain).Concat(Read(secret.ValidationContext?.TrustedCa)))
        {
            using (certificate)
            {
                if (now.UtcDateTime >= certificate.NotAfter.ToUniversalTime())
                {
                    yield return $"{certificate.Subject} has expired on {certificate.NotAfter.ToUniversalTime():u}";
                }
                else if (now.UtcDateTime < certificate.NotBefore.ToUniversalTime())
                {
                    yield return $"{certificate.Subject} is valid only from {certificate.NotBefore.ToUniversalTime():u}";
                }
            }
        }
    }

    private static IEnumerable<(string Name, Secret Secret)> Secrets(Inventory inventory)
        => inventory.Of(TypeUrls.Secret).Select(held => (held.Key, (Secret)held.Value.Resource.Message));

    private static IEnumerable<CertificateDetails> Details(DataSource? source, string name, DateTimeOffset now)
    {
        foreach (var certificate in Read(source))
        {
            using (certificate)
            {
                var (from, until) = (certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());
                var names = CertificateNames.Of(certificate);
                var details = new CertificateDetails
                {
                    Path = $"<inline> {name}",
                    SerialNumber = certificate.SerialNumber.ToLowerInvariant(),
                    DaysUntilExpiration = (ulong)Math.Max(0, (until - now.UtcDateTime).Days),
                    ValidFrom = Timestamp.FromDateTime(from),
                    ExpirationTime = Timestamp.FromDateTime(until),
                };
                details.SubjectAltNames.AddRange(names.Uris.Select(uri => new SubjectAlternateName { Uri = uri }));
                details.SubjectAltNames.AddRange(names.DnsNames.Select(dns => new SubjectAlternateName { Dns = dns }));
                yield return details;
            }
        }
    }

    private static X509Certificate2[] Read(DataSource? source)
    {
        try
        {
            return [.. Pem.Certificates(source is null ? "" : source.InlineBytes is { IsEmpty: false } bytes ? bytes.ToStringUtf8() : source.InlineString)];
        }
        catch (CryptographicException)
        {
            // What cannot be read is no certificate, and whoever is to use it says so.
            return [];
        }
    }
}
