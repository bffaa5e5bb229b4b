using System.Security.Cryptography.X509Certificates;

namespace OsmExt.Identity.Tests;

public sealed class RsaCertificateTests : IDisposable
{
    private readonly TestMesh _mesh = new();

    public void Dispose() => _mesh.Dispose();

    [Theory]
    [InlineData(2048)]
    [InlineData(3072)]
    [InlineData(4096)]
    public void A_certificate_has_the_key_that_was_asked_for_and_its_root_is_believed(int bits)
    {
        var issued = Issue(new(bits));
        using var leaf = X509Certificate2.CreateFromPem(issued.ChainPem, TestMesh.Text(issued.PrivateKeyPem));
        using var root = X509Certificate2.CreateFromPem(_mesh.Root.Pem);
        using var key = leaf.GetRSAPrivateKey()!;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(root);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = _mesh.Now.UtcDateTime;

        Assert.Equal(bits, key.KeySize);
        Assert.True(chain.Build(leaf), string.Join(' ', chain.ChainStatus.Select(status => status.StatusInformation)));
        Assert.Equal(X509KeyUsageFlags.DigitalSignature, leaf.Extensions.OfType<X509KeyUsageExtension>().Single().KeyUsages);
    }

    [Fact]
    public void Versions_differ_between_kinds_and_sizes_of_keys_and_not_between_keys()
    {
        KeyType[] types = [KeyType.EcdsaP256, new(2048), new(3072)];
        var versions = types.Select(type => Issue(type).Version).ToArray();

        Assert.Equal(types.Length, versions.Distinct().Count());
        Assert.Equal(versions, types.Select(type => Issue(type).Version));
    }

    [Fact]
    public void Another_size_or_kind_replaces_the_certificate_at_once_and_the_same_does_not()
    {
        using var certificates = new WorkloadCertificates(_mesh.Authority.Issue, _mesh.Time, new RecordingLogger<WorkloadCertificates>());
        KeyType[] types = [KeyType.EcdsaP256, new(2048), new(3072), KeyType.EcdsaP256];
        var previous = "";
        foreach (var type in types)
        {
            var issued = certificates.Get(TestMesh.Workload(), TestMesh.Day, type);
            using var leaf = X509Certificate2.CreateFromPem(issued.ChainPem);
            using var key = leaf.GetRSAPublicKey();

            Assert.Equal(type.RsaBits, key?.KeySize ?? 0);
            Assert.NotEqual(previous, issued.Version);
            Assert.Same(issued, certificates.Get(TestMesh.Workload(), TestMesh.Day, type));
            previous = issued.Version;
        }
    }

    [Fact]
    public void Rotation_keeps_the_kind_of_key()
    {
        using var certificates = new WorkloadCertificates(_mesh.Authority.Issue, _mesh.Time, new RecordingLogger<WorkloadCertificates>());
        certificates.Start();
        var before = certificates.Get(TestMesh.Workload(), TestMesh.Day, new(2048));
        _mesh.Time.Advance(TestMesh.Day);
        var after = certificates.Get(TestMesh.Workload(), TestMesh.Day, new(2048));
        using var leaf = X509Certificate2.CreateFromPem(after.ChainPem);
        using var key = leaf.GetRSAPublicKey()!;

        Assert.NotEqual(before.Version, after.Version);
        Assert.Equal(2048, key.KeySize);
    }

    private OsmExt.Sdk.Identity.WorkloadCertificate Issue(KeyType type)
        => _mesh.Authority.Issue(TestMesh.Workload(), RotationSchedule.For("a", TestMesh.Day).At(_mesh.Now), type);
}
