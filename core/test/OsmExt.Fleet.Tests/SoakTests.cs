using OsmExt.Fleet.Options;
using OsmExt.Fleet.Running;

namespace OsmExt.Fleet.Tests;

/// <summary>A short soak: real processes, of which the control plane is killed three times.</summary>
public class SoakTests
{
    [Fact]
    public async Task Everybody_has_the_right_configuration_in_the_end()
    {
        var folder = Directory.CreateTempSubdirectory("osm-fleet-test-");
        try
        {
            var report = await FleetRun.ReportAsync(FleetOptions.Parse(
                ["WORKLOAD=soak", "PROXIES=60", "SECONDS=20", "STUCK=5", "NACKERS=5", "LATE=5", "SLOW=5", "SOTW=30", "STAGES=1", "WARMUP=0", "FLOOR=0", "IDLE=0", $"STATE={folder.FullName}"]));
            Assert.Equal("", string.Join('\n', report.Faults));
            Assert.Equal((60, 60), (report.Comparison.Proxies, report.Comparison.Equal));
            Assert.Equal(3, report.Steps.Count(step => step.Kind == "control plane killed"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
