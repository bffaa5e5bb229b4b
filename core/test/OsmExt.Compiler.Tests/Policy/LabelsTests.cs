using OsmExt.Compiler.Policy;
using OsmExt.Sdk.Collections;

namespace OsmExt.Compiler.Tests.Policy;

public class LabelsTests
{
    [Theory]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("true", true)]
    [InlineData("1", true)]
    [InlineData("tRUE", false)]
    [InlineData("false", false)]
    [InlineData("garbage", false)]
    public void The_scrape_annotation_is_read_as_Go_reads_it(string? value, bool scraped) => Assert.Equal(scraped, Labels.IsTrue(value));

    [Theory]
    [InlineData(null, null)]
    [InlineData("enabled", true)]
    [InlineData("Yes", true)]
    [InlineData("DISABLED", false)]
    [InlineData("no", false)]
    [InlineData("perhaps", null)]
    public void Injection_is_on_off_or_not_said(string? value, bool? injected)
        => Assert.Equal(injected, Labels.Injection(value is null ? LabelSet.Empty : LabelSet.From([new("openservicemesh.io/sidecar-injection", value)])));
}
