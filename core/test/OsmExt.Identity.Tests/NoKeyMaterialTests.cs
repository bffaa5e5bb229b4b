using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using OsmExt.Sdk.Identity;

namespace OsmExt.Identity.Tests;

/// <summary>Whatever goes wrong or is printed, no key is in it.</summary>
public sealed class NoKeyMaterialTests : IDisposable
{
    private readonly TempDirectory _state = new();
    private readonly TestMesh _mesh = new();
    private readonly List<string> _texts = [];
    private readonly List<string> _keys = [];

    public void Dispose()
    {
        _state.Dispose();
        _mesh.Dispose();
    }

    [Fact]
    public void Logs_exceptions_and_printed_values_hold_no_key()
    {
        PrintEverythingIssued();
        BreakTheDirectoryInEveryWay();
        FailToIssue();

        // Lines of the keys' PEM, and the PEM's own head, in case a key is not among those known here.
        var secrets = _keys.SelectMany(key => key.Split('\n')).Where(line => line.Length >= 40 || line.Contains("BEGIN", StringComparison.Ordinal)).ToList();
        Assert.True(secrets.Count > 20);
        Assert.True(_texts.Count > 30);
        Assert.All(_texts, text => Assert.DoesNotContain(secrets, secret => text.Contains(secret, StringComparison.Ordinal)));
        Assert.Contains(_texts, text => text.Contains("[redacted]", StringComparison.Ordinal));
    }

    private void PrintEverythingIssued()
    {
        using var certificates = new WorkloadCertificates(_mesh.Authority.Issue, _mesh.Time, new RecordingLogger<WorkloadCertificates>());
        var credentials = new XdsServerCredentials(_mesh.Authority, TestMesh.Day, _mesh.Time, new RecordingLogger<XdsServerCredentials>());
        var workload = certificates.Get(TestMesh.Workload(), TestMesh.Day);
        var proxy = _mesh.Authority.Issue(TestMesh.Proxy(), TestMesh.Day);
        var rotating = new RotatingCertificate<WorkloadCertificate>(_ => workload, _ => default, _mesh.Time);
        using var pool = new RsaKeyPool(1, KeyType.NewRsa, _mesh.Time, new RecordingLogger<RsaKeyPool>());
        using var rsaKey = pool.Take(2048, certificates: 1);
        var rsa = _mesh.Authority.Issue(TestMesh.Workload(), RotationSchedule.For("a", TestMesh.Day).At(_mesh.Now), rsaKey);
        Know(rsa.PrivateKeyPem);
        Know(workload.PrivateKeyPem, proxy.PrivateKeyPem, _mesh.Root.ExportKey());
        using (var server = credentials.Current.TargetCertificate.GetECDsaPrivateKey()!)
        {
            Know(PemText.Of(server));
        }

        object[] values =
        [
            workload, proxy, _mesh.Authority, _mesh.Root, _mesh.Authority.Bundle, certificates, credentials, credentials.Current,
            credentials.Current.TargetCertificate, rotating, rotating.Renew(RotationSchedule.For("a", TestMesh.Day)), new IdentityOptions(),
            workload.PrivateKeyPem, rsa, pool, KeyType.Of(rsaKey),
        ];
        _texts.AddRange(values.Select(value => $"{value}"));
        _texts.Add(JsonSerializer.Serialize(workload));
        _texts.Add(JsonSerializer.Serialize(proxy));
    }

    private void BreakTheDirectoryInEveryWay()
    {
        Open();
        var certificateFile = _state["ca/root.crt"];
        var keyFile = _state["ca/root.key"];
        var (certificate, key) = (File.ReadAllText(certificateFile), File.ReadAllText(keyFile));
        _keys.Add(key);
        using var other = RootCertificate.Create(_mesh.Now);
        Know(other.ExportKey());
        string[] keys =
        [
            "", key, key[..^60], key.Replace('A', '!'), key + key, key.Replace("PRIVATE", "ENCRYPTED PRIVATE", StringComparison.Ordinal),
            TestMesh.Text(other.ExportKey()),
        ];
        string[] certificates = [certificate, "", key, certificate + key, certificate[..^60], other.Pem];
        foreach (var (brokenCertificate, brokenKey) in certificates.SelectMany(first => keys.Select(second => (first, second))))
        {
            File.WriteAllText(certificateFile, brokenCertificate);
            File.WriteAllText(keyFile, brokenKey);
            Open();
        }

        File.Delete(keyFile);
        Open();
    }

    private void FailToIssue()
    {
        var log = new RecordingLogger<WorkloadCertificates>();
        using var certificates = new WorkloadCertificates(_mesh.Authority.Issue, _mesh.Time, log);
        certificates.Start();
        Know(certificates.Get(TestMesh.Workload(), TestMesh.Day).PrivateKeyPem);
        _texts.Add(Assert.ThrowsAny<Exception>(() => _mesh.Authority.Issue(TestMesh.Workload("a/b"), TestMesh.Day)).ToString());
        _mesh.Time.Advance(TimeSpan.FromDays(3650));
        _texts.Add(Assert.Throws<CertificateAuthorityException>(() => certificates.Get(TestMesh.Workload(), TestMesh.Day)).ToString());
        Assert.Contains(log.Entries, entry => entry.Level is LogLevel.Error);
        _texts.AddRange(log.Entries.Select(entry => entry.Text));
    }

    private void Open()
    {
        var log = new RecordingLogger<CaDirectory>();
        try
        {
            using var root = new CaDirectory(_state.Path, _mesh.Time, log).LoadOrCreate();
            _texts.Add($"{root}");
        }
        catch (CertificateAuthorityException exception)
        {
            _texts.Add(exception.ToString());
        }

        _texts.AddRange(log.Entries.Select(entry => entry.Text));
    }

    private void Know(params SecretBytes[] keys) => _keys.AddRange(keys.Select(TestMesh.Text));
}
