using Microsoft.Extensions.Logging;

namespace OsmExt.Identity.Tests;

public sealed class XdsServerCredentialsTests : IDisposable
{
    private readonly TestMesh _mesh = new();
    private readonly RecordingLogger<XdsServerCredentials> _log = new();
    private readonly XdsServerCredentials _credentials;

    public XdsServerCredentialsTests() => _credentials = new(_mesh.Authority, TestMesh.Day, _mesh.Time, _log);

    public void Dispose() => _mesh.Dispose();

    [Fact]
    public void The_certificate_stays_for_an_epoch_and_is_replaced_at_its_end()
    {
        Assert.Null(_credentials.NextRotation);
        var first = _credentials.Current;
        _mesh.Time.Advance(_credentials.NextRotation!.Value - _mesh.Now - TimeSpan.FromTicks(1));
        Assert.Same(first, _credentials.Current);
        _mesh.Time.Advance(TimeSpan.FromTicks(1));
        Assert.NotSame(first, _credentials.Current);
        Assert.True(_credentials.Current.TargetCertificate.HasPrivateKey);
        Assert.Equal(2, _log.Entries.Count);
    }

    [Fact]
    public void After_the_roots_end_there_is_none_and_the_error_says_why()
    {
        // The last certificate ends with the root, in the middle of its epoch.
        _mesh.Time.Advance(_mesh.Authority.NotAfter - _mesh.Now - TimeSpan.FromSeconds(1));
        Assert.Equal(_mesh.Authority.NotAfter, _credentials.Current.TargetCertificate.NotAfter.ToUniversalTime());
        Assert.True(_credentials.NextRotation > _mesh.Authority.NotAfter);
        _mesh.Time.Advance(TimeSpan.FromSeconds(1));
        var refusal = Assert.Throws<CertificateAuthorityException>(() => _credentials.Current);
        Assert.Equal(CertificateAuthorityError.RootExpired, Assert.IsType<CertificateAuthorityException>(refusal.InnerException).Error);
        Assert.Throws<CertificateAuthorityException>(() => _credentials.Current);
        Assert.Single(_log.Entries, entry => entry.Level is LogLevel.Error);
    }
}
